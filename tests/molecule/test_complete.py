# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Every role has a scenario, and every scenario runs."""

from __future__ import annotations

from collections import Counter

from lab.settings import CHECKOUT
from tests.support import molecule

# Roles that make nothing by themselves are tested in the scenarios of others, with what these make.
IN_OTHERS = {"instances": {"runner", "media_host"}}
# Scenarios that look at another side of a role: here, at what the media role makes of its hosts.
OTHER_SIDES = {"media_host": "media"}


def test_every_role_has_a_scenario():
    roles = {path.name for path in (CHECKOUT / "roles").iterdir() if path.is_dir()}
    assert roles - set(IN_OTHERS) == set(molecule.SCENARIOS) - set(OTHER_SIDES)
    for role, users in IN_OTHERS.items():
        assert users <= set(molecule.SCENARIOS)
        for user in users:
            tasks = CHECKOUT.joinpath("roles", OTHER_SIDES.get(user, user), "tasks").glob("*.yml")
            assert any(f"name: knowledgecity.platform.{role}\n" in file.read_text() for file in tasks), (role, user)


def test_every_scenario_is_in_one_group():
    assert Counter(name for group in molecule.GROUPS for name in group) == Counter(molecule.SCENARIOS)
