# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A destruction schedules no key that something kept is under."""

from __future__ import annotations

import yaml

from lab.settings import CHECKOUT

ROLES = CHECKOUT / "roles"
ALIAS = "alias/kc-test-me-west-1-"


def test_keys_that_what_is_kept_needs_are_kept(play):
    cases = {
        "nothing": {},
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
        "buckets": {"media-envelope", "backups"},
        "logs": set(),
        "production": {"media-envelope", "backups"},
        "further": {"media-envelope", "media-envelope-2"},
    }


def test_each_key_that_stays_has_a_reason(play):
    case = {"one": {"storage_keep": ["media", "backups"]}}
    tasks = [{"ansible.builtin.set_fact": {"answer": "{{ __security_needed_keys }}"}}]
    (keys,) = play("security", case, tasks).values()
    assert {key["alias"].removeprefix(ALIAS): key["reason"] for key in keys} == {
        "media-envelope": "the bucket of media is kept",
        "backups": "the bucket of backups is kept",
    }


def test_every_destruction_keeps_keys_that_something_is_under():
    """What that is, the module finds."""
    for role in ("network", "security", "storage"):
        tasks = yaml.safe_load((ROLES / role / "tasks/destroy_regional.yml").read_text())
        scheduled = [
            task["knowledgecity.platform.kms_keys"] for task in tasks if "knowledgecity.platform.kms_keys" in task
        ]
        assert [options["in_use"] for options in scheduled] == ["keep"], role


def test_a_deleted_key_can_be_had_back_for_as_long_as_kms_lets_it():
    for role in ("network", "security", "storage"):
        defaults = yaml.safe_load((ROLES / role / "defaults/main.yml").read_text())
        assert defaults[f"{role}_key_deletion_days"] == 30


def test_the_buckets_are_those_that_storage_keeps():
    kept = yaml.safe_load((ROLES / "storage/defaults/main.yml").read_text())["storage_keep"]
    ours = yaml.safe_load((ROLES / "security/defaults/main.yml").read_text())["security_kept_buckets"]
    assert kept.strip("{} ") in ours
