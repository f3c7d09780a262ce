# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What site.yml doesn't validate in a later phase, an earlier one has validated on the same hosts."""

from __future__ import annotations

import pytest
import yaml

from lab.settings import CHECKOUT

COLLECTION = "knowledgecity.platform."


def phases() -> list[str]:
    plays = yaml.safe_load((CHECKOUT / "playbooks/site.yml").read_text())
    return [play["ansible.builtin.import_playbook"] for play in plays]


def included(play: dict) -> list[tuple[str, str, bool]]:
    """The roles of a play: name, entry point, and whether their settings are validated."""
    roles = [(item["role"].removeprefix(COLLECTION), "main", True) for item in play.get("roles", [])]
    for task in play.get("tasks", []):
        if "ansible.builtin.include_role" in task:
            role = task["ansible.builtin.include_role"]
            name = role["name"].removeprefix(COLLECTION)
            roles.append((name, role.get("tasks_from", "main"), role.get("rolespec_validate", True)))
    return roles


def specifications(role: str) -> dict[str, dict]:
    specs = yaml.safe_load((CHECKOUT / "roles" / role / "meta/argument_specs.yml").read_text())["argument_specs"]
    return {entry: spec.get("options", {}) for entry, spec in specs.items()}


def trusted() -> list[tuple[str, str, set[str]]]:
    """The entry points that aren't validated, with those of their role that were, on the same hosts, earlier in the run."""
    seen: dict[tuple[str, str], set[str]] = {}
    found = []
    for phase in phases():
        for play in yaml.safe_load((CHECKOUT / "playbooks" / phase).read_text()):
            for role, entry, is_validated in included(play):
                earlier = seen.setdefault((play["hosts"], role), set())
                if is_validated:
                    earlier.add(entry)
                else:
                    found.append((role, entry, set(earlier)))
    return found


@pytest.mark.parametrize(("role", "entry", "earlier"), trusted(), ids=lambda value: str(value))
def test_an_earlier_entry_point_describes_each_option(role, entry, earlier):
    described = {}
    for name in earlier:
        described |= specifications(role)[name]
    # What an option says of itself may be put in other words; what is refused may not.
    rules = ("type", "choices", "elements", "required", "options")
    for name, option in specifications(role)[entry].items():
        assert name in described, f"{entry} takes {name}, and none of {sorted(earlier)} validates it"
        assert {key: option.get(key) for key in rules} == {key: described[name].get(key) for key in rules}


def test_the_links_phase_relies_on_the_regional_one():
    assert {entry for _role, entry, _earlier in trusted()} >= {"links", "ready", "endpoint"}
