# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The playbook `site.yml` against itself as it was before its tasks were made fewer and coarser."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from lab.settings import CHECKOUT
from tests.bench.harness import Context, Row, compare
from tests.support import playbooks
from tests.support.labs import Clients, running_lab

# The last commit before the change.
BEFORE = "da7b82a"


def measure(context: Context) -> Iterator[Row]:
    """Yield a row for a build from nothing and one for an unchanged run, each in a lab of its own."""
    folders = {"now": CHECKOUT, "before": _checkout(context.work / "checkout-before")}
    with (
        running_lab(context.work / "now", instances=True) as now,
        running_lab(context.work / "before", instances=True) as before,
    ):
        _run(now, folders["now"])
        _run(before, folders["before"])
        yield compare(
            context,
            "site_noop_ratio_before",
            lambda: _run(now, folders["now"], unchanged=True),
            lambda: _run(before, folders["before"], unchanged=True),
            against=f"an unchanged run of site.yml at {BEFORE}",
            bar="<= 0.6",
        )
    number = iter(range(10_000))

    def build(name: str) -> float:
        with running_lab(context.work / f"{name}-{next(number)}", instances=True) as lab:
            return _run(lab, folders[name])

    yield compare(
        context,
        "site_build_ratio_before",
        lambda: build("now"),
        lambda: build("before"),
        against=f"a build by site.yml at {BEFORE}",
        bar="<= 0.75",
    )


def _checkout(folder: Path) -> Path:
    """Write the files of the commit BEFORE to `folder`, where Ansible finds them as the collection."""
    folder.mkdir()
    archive = subprocess.run(["git", "archive", BEFORE], cwd=CHECKOUT, stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "--extract"], cwd=folder, input=archive.stdout, check=True)
    link = folder / ".build" / "collections" / "ansible_collections" / "knowledgecity" / "platform"
    link.parent.mkdir(parents=True)
    link.symlink_to(folder)
    return folder


def _run(lab: Clients, folder: Path, *, unchanged: bool = False) -> float:
    """Run a checkout's site.yml as the administrator, since the operator's policy is that of today; returns the seconds."""
    ran = playbooks.run(
        lab,
        playbook=str(folder / "site.yml"),
        inventory=folder / "inventories" / "lab",
        administrator=True,
        ANSIBLE_CONFIG=str(folder / "ansible.cfg"),
    ).succeeded()
    assert not unchanged or not any(ran.changed.values()), ran.changes()
    return ran.seconds
