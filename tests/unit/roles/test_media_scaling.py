# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""How many hosts the media group's target tracking asks for."""

from __future__ import annotations

import math

import jinja2
import pytest
import yaml

from lab.emulator.autoscaling.metric_math import compute
from lab.settings import CHECKOUT

TARGET = 2


def wanted(hosts: int, waiting: int, running: int) -> int:
    """Return the capacity that target tracking sets: in proportion to how far the metric is from its target."""
    variables = yaml.safe_load((CHECKOUT / "roles/media/vars/main/scaling.yml").read_text())
    expression = jinja2.Template(variables["__media_jobs_per_host"]).render(media_jobs_per_host=TARGET)
    found = compute(expression, {"hosts": float(hosts), "jobs": float(waiting), "running": float(running)})
    assert found is not None
    return math.ceil(max(hosts, 1) * found / TARGET)


@pytest.mark.parametrize("hosts", [1, 2, 5, 8])
@pytest.mark.parametrize("running", [0, 1, 2, 5, 8])
@pytest.mark.parametrize("waiting", [0, 1, 4, 40])
def test_a_job_in_work_keeps_its_host(hosts: int, running: int, waiting: int):
    if running > hosts:
        return
    assert wanted(hosts, waiting, running) == max(running, math.ceil(waiting / TARGET))


@pytest.mark.parametrize(("waiting", "running"), [(1, 0), (0, 1)])
def test_a_group_of_none_gets_a_host_for_a_job(waiting: int, running: int):
    assert wanted(0, waiting, running) >= 1
    assert wanted(0, 0, 0) == 0
