# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What site.yml doesn't validate in its later phases, the regional phase has validated on the same hosts, as `main`."""

from __future__ import annotations

import pytest
import yaml

from lab.settings import CHECKOUT

ROLES = CHECKOUT / "roles"
# What an option says of itself may be put in other words; what is refused may not.
RULES = ("type", "choices", "elements", "required", "options")


def included(phase: str) -> list[dict]:
    plays = yaml.safe_load((CHECKOUT / "playbooks/phases" / phase).read_text())
    tasks = [task for play in plays for task in play.get("tasks", [])]
    return [task["ansible.builtin.include_role"] for task in tasks if "ansible.builtin.include_role" in task]


def not_validated() -> set[str]:
    """Return the entry points that a phase takes without validating their settings."""
    roles = [role for phase in sorted((CHECKOUT / "playbooks/phases").glob("*.yml")) for role in included(phase.name)]
    return {role["tasks_from"] for role in roles if not role.get("rolespec_validate", True)}


def specifications(role: str) -> dict[str, dict]:
    specs = yaml.safe_load((ROLES / role / "meta/argument_specs.yml").read_text())["argument_specs"]
    return {entry: spec.get("options", {}) for entry, spec in specs.items()}


def later() -> list[tuple[str, str]]:
    roles = sorted(path.parent.parent.name for path in ROLES.glob("*/meta/argument_specs.yml"))
    pairs = [(role, entry) for role in roles for entry in specifications(role) if entry in not_validated()]
    # The phase of the runners validates.
    return [pair for pair in pairs if pair != ("runner", "ready")]


@pytest.mark.parametrize(("role", "entry"), later())
def test_main_describes_each_option_of_a_later_entry_point(role, entry):
    specs = specifications(role)
    # The phase of the preflight reads the region record, and validates its settings.
    described = specs["main"] | (specs["read"] if role == "region_record" else {})
    for name, option in specs[entry].items():
        assert name in described, f"{entry} takes {name}, which main does not validate"
        assert {key: option.get(key) for key in RULES} == {key: described[name].get(key) for key in RULES}


def test_the_later_phases_rely_on_the_regional_one():
    assert not_validated() == {"links", "ready", "endpoint"}
    assert all(role.get("rolespec_validate", True) for role in included("regional.yml") + included("preflight.yml"))
