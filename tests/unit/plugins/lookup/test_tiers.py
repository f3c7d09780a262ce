# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The lookup tiers: which roles are tiers, in which order, and what they register."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.errors import AnsibleLookupError
from ansible_collections.knowledgecity.platform.plugins.lookup.tiers import Tier, read_tiers, registered

from lab.settings import CHECKOUT

ROLES = CHECKOUT / "roles"
# Roles that are no tiers: one looks before anything is built, the other is used by tiers.
NO_TIERS = {"preflight", "instances"}


def role(folder: Path, name: str, data: str, *entry_points: str) -> None:
    (folder / name / "meta").mkdir(parents=True)
    (folder / name / "meta" / "tier.yml").write_text(data)
    (folder / name / "tasks").mkdir()
    for entry_point in entry_points:
        (folder / name / "tasks" / f"{entry_point}.yml").touch()


def test_every_role_is_a_tier_or_is_known_to_be_none():
    assert {tier.name for tier in read_tiers(ROLES)} | NO_TIERS == {path.name for path in ROLES.iterdir()}


def test_what_is_needed_is_built_before():
    names = [tier.name for tier in read_tiers(ROLES)]
    assert names == [
        "region_record",
        "security",
        "network",
        "storage",
        "runner",
        "dns",
        "media",
        "clickhouse_backup",
        "database",
    ]


def test_a_service_has_an_entry_point_that_says_where_it_is_reached():
    """phases/edge.yml takes the fact <service>_endpoint of each region."""
    for tier in read_tiers(ROLES):
        for service in tier.registers.get("services", []):
            assert f"{service['name']}_endpoint" in (tier.folder / "tasks" / "endpoint.yml").read_text()


def test_what_tiers_register_is_joined_in_their_order(tmp_path):
    role(tmp_path, "later", "{order: 20, capabilities: {regions: [ec2, sqs]}, buckets: {b: {}}}", "main")
    role(
        tmp_path, "earlier", "{order: 10, capabilities: {regions: [ec2], account: [iam]}, buckets: {a: {}}}", "account"
    )
    tiers = read_tiers(tmp_path)
    assert [tier.name for tier in tiers] == ["earlier", "later"]
    assert [tier.has("main") for tier in tiers] == [False, True]
    assert registered(tiers, "capabilities") == {"regions": ["ec2", "sqs"], "account": ["iam"]}
    assert registered(tiers, "buckets") == {"a": {}, "b": {}}
    assert registered(tiers, "services") == {}


@pytest.mark.parametrize("data", ["{order: 1, bucket: {}}", "{buckets: {}}", "{order: first}"])
def test_data_that_make_no_sense_are_an_error_with_a_fix(tmp_path, data):
    role(tmp_path, "new", data)
    with pytest.raises(AnsibleLookupError, match=r"new/meta/tier.yml has .*Fix: Write `order`"):
        read_tiers(tmp_path)


def test_two_tiers_cannot_register_one_name():
    tiers = [Tier(name, Path(name), {"order": 1, "rights": {"api": name}}) for name in ("a", "b")]
    with pytest.raises(AnsibleLookupError, match=r"rights.api is registered by another tier already"):
        registered(tiers, "rights")


def test_an_unknown_key_is_an_error():
    with pytest.raises(AnsibleLookupError, match="service is not a key"):
        registered([], "service")
