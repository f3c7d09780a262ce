# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Parameters of MySQL in RDS's words, and parameter groups: what is refused, what is changed, what is left."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils import _rds_parameters as parameters
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_parameter_group.model import (
    State,
    Wanted,
    check,
    plan,
)

_TYPES = {
    "slow_query_log": parameters.Known("dynamic", "boolean", "0,1"),
    "read_only": parameters.Known("dynamic", "boolean", "0,1,{TrueIfReplica}"),
    "event_scheduler": parameters.Known("dynamic", "string", "ON,OFF,DISABLED"),
    "max_connections": parameters.Known("dynamic", "integer", "1-100000"),
    "max_allowed_packet": parameters.Known("dynamic", "integer", "1024-1073741824"),
    "gtid-mode": parameters.Known("static", "string", "OFF,OFF_PERMISSIVE,ON_PERMISSIVE,ON"),
    "sql_mode": parameters.Known("dynamic", "string", "ANSI_QUOTES,STRICT_ALL_TABLES"),
}


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("ON", "1", True), ("off", "0", True), ("100", "100", True), ("100", "200", False), ("1", None, False)],
)
def test_values_of_parameters_mean_the_same(one, other, alike):
    assert parameters.same(one, other) is alike


def test_static_parameters_wait_for_a_reboot():
    types = {"gtid-mode": parameters.Known("static"), "max_connections": parameters.Known()}
    assert parameters.request("gtid-mode", "ON", types)["ApplyMethod"] == "pending-reboot"
    assert parameters.request("max_connections", None, types) == {
        "ParameterName": "max_connections",
        "ApplyMethod": "immediate",
    }


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        # https://github.com/hashicorp/terraform-provider-aws/issues/45394: a word that is no 1 was taken for 0.
        ("slow_query_log", "ON", "1"),
        ("slow_query_log", "on", "1"),
        ("slow_query_log", "True", "1"),
        ("slow_query_log", "OFF", "0"),
        ("slow_query_log", "1", "1"),
        ("read_only", "{TrueIfReplica}", "{TrueIfReplica}"),
        # YAML makes true of an unquoted ON.
        ("event_scheduler", "1", "ON"),
        ("event_scheduler", "on", "ON"),
        ("event_scheduler", "DISABLED", "DISABLED"),
        ("max_connections", "500", "500"),
        ("max_connections", "{DBInstanceClassMemory/12582880}", "{DBInstanceClassMemory/12582880}"),
        ("max_allowed_packet", "64M", "67108864"),
        ("sql_mode", "ANSI_QUOTES,STRICT_ALL_TABLES", "ANSI_QUOTES,STRICT_ALL_TABLES"),
    ],
)
def test_values_are_put_in_the_words_that_rds_takes(name, value, taken):
    assert parameters.as_taken(value, _TYPES[name]) == taken
    assert parameters.fault(name, value, _TYPES[name]) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("slow_query_log", "maybe"), ("slow_query_log", "2"), ("max_connections", "0"), ("max_connections", "many")],
)
def test_what_rds_would_refuse_is_told(name, value):
    assert name in parameters.fault(name, value, _TYPES[name])


def _wanted(**values) -> Wanted:
    return Wanted(
        "kc", "mysql8.4", "kc", {name.replace("gtid_mode", "gtid-mode"): value for name, value in values.items()}
    )


_HELD = State("mysql8.4", _TYPES, "arn", {"slow_query_log": "1", "max_connections": "500"}, {"tier": "database"})


def test_a_group_is_created_with_its_parameters_and_left_once_it_has_them():
    (change,) = plan(_wanted(slow_query_log="ON"), State(None, _TYPES))
    assert (change.action, change.after["parameters"]) == ("create", {"slow_query_log": "1"})
    assert plan(_wanted(slow_query_log="ON", max_connections="500"), _HELD) == []
    assert plan(_wanted(slow_query_log="true"), _HELD) == []


def test_a_change_is_announced_with_what_was_before():
    (change,) = plan(_wanted(slow_query_log="off", event_scheduler="1"), _HELD)
    assert (change.before, change.after) == (
        {"slow_query_log": "1", "event_scheduler": None},
        {"slow_query_log": "0", "event_scheduler": "ON"},
    )


def test_a_parameter_is_reset_where_somebody_has_set_it():
    (change,) = plan(_wanted(max_connections=None, gtid_mode=None), _HELD)
    assert change.after == {"max_connections": None}


def test_tags_of_others_are_left():
    assert plan(replace(_wanted(), tags={"tier": "database"}), _HELD) == []
    (change,) = plan(replace(_wanted(), tags={"tier": "other"}), _HELD)
    assert (change.action, change.before, change.after) == ("tag", {"tier": "database"}, {"tier": "other"})


@pytest.mark.parametrize(
    ("wanted", "state", "words"),
    [
        # https://github.com/ansible-collections/community.aws/issues/1470
        (_wanted(), replace(_HELD, family="mysql8.0"), "of the family mysql8.0, not mysql8.4"),
        (_wanted(), State(None, {}), "no parameter family mysql8.4"),
        (_wanted(no_such="1"), _HELD, "no_such is no parameter"),
        (_wanted(slow_query_log="maybe"), _HELD, "slow_query_log is 'maybe'"),
    ],
)
def test_what_can_not_be_is_refused_before_the_first_change(wanted, state, words):
    (finding,) = check(wanted, state)
    assert words in finding.text
