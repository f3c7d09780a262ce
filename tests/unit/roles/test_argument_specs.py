# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Every setting of a role is described, and what a media host is told is what its entry point knows."""

from __future__ import annotations

import pytest
import yaml

from lab.settings import CHECKOUT

ROLES = ("instances", "media", "runner")


def read(role: str, file: str) -> dict:
    return yaml.safe_load((CHECKOUT / "roles" / role / file).read_text())


def options(role: str) -> dict[str, dict]:
    return {
        name: spec.get("options", {}) for name, spec in read(role, "meta/argument_specs.yml")["argument_specs"].items()
    }


@pytest.mark.parametrize("role", ROLES)
def test_every_default_is_described_and_has_the_described_default(role):
    described = {name: option for spec in options(role).values() for name, option in spec.items()}
    defaults = read(role, "defaults/main.yml")
    assert set(defaults) <= set(described)
    told = {name: option["default"] for name, option in described.items() if "default" in option}
    assert {name: defaults[name] for name in told} == told


def test_every_entry_point_is_described():
    tasks = {"host", "main", "ready", "links", "endpoint", "rotate", "destroy_links", "destroy_regional"}
    assert set(options("media")) == tasks


def test_a_host_is_told_at_boot_what_its_entry_point_knows():
    told = {name for name in read("media", "vars/main/host.yml")["__media_host_variables"] if not name.startswith("__")}
    assert told == set(options("media")["host"])


def test_nothing_of_a_host_is_computed_from_what_it_does_not_know():
    assert "{{" not in str(options("media")["host"])
