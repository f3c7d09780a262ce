# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A destruction schedules no key that something kept is under."""

from __future__ import annotations

import yaml

from lab.settings import CHECKOUT

ROLES = CHECKOUT / "roles"
KEY = "arn:aws:kms:me-west-1:000000000000:key/data"
ALIAS = "alias/kc-test-me-west-1-"


def read(**found) -> dict:
    return {"__security_ebs": {"resources": {"volume_key": [{"arn": KEY}]} | found}}


def test_keys_that_what_is_kept_needs_are_kept(play):
    cases = {
        "nothing": read(snapshots=[{"kms_key_id": "another"}, {}], automated_backups=[]),
        "snapshot": read(snapshots=[{"kms_key_id": KEY}]),
        "backup": read(automated_backups=[{"kms_key_id": KEY}]),
        "before": {},
        "buckets": {"storage_keep": ["media", "backups", "logs"]},
        "logs": {"storage_keep": ["logs"]},
        "production": {"platform_environment": "production", "security_name_prefix": "kc-test"},
        "further": {"storage_keep": ["media"], "security_further_keys": {"media-envelope-2": "media-envelope"}},
    }
    tasks = [{"ansible.builtin.set_fact": {"answer": "{{ __security_needed_aliases }}"}}]
    answers = play("security", cases, tasks)
    kept = {case: {alias.removeprefix(ALIAS) for alias in aliases} for case, aliases in answers.items()}
    assert kept == {
        "nothing": set(),
        "snapshot": {"data"},
        "backup": {"data"},
        "before": set(),
        "buckets": {"media-envelope", "backups"},
        "logs": set(),
        "production": {"media-envelope", "backups"},
        "further": {"media-envelope", "media-envelope-2"},
    }


def test_each_key_that_stays_has_a_reason(play):
    case = {"one": {"storage_keep": ["media"]} | read(snapshots=[{"kms_key_id": KEY}])}
    tasks = [{"ansible.builtin.set_fact": {"answer": "{{ __security_needed_keys }}"}}]
    (keys,) = play("security", case, tasks).values()
    assert {key["alias"].removeprefix(ALIAS): key["reason"] for key in keys} == {
        "data": "snapshots or backups of databases are under it",
        "media-envelope": "the bucket of media is kept",
    }


def test_a_deleted_key_can_be_had_back_for_as_long_as_kms_lets_it():
    for role in ("network", "security", "storage"):
        defaults = yaml.safe_load((ROLES / role / "defaults/main.yml").read_text())
        assert defaults[f"{role}_key_deletion_days"] == 30


def test_the_buckets_are_those_that_storage_keeps():
    kept = yaml.safe_load((ROLES / "storage/defaults/main.yml").read_text())["storage_keep"]
    ours = yaml.safe_load((ROLES / "security/defaults/main.yml").read_text())["security_kept_buckets"]
    assert kept.strip("{} ") in ours
