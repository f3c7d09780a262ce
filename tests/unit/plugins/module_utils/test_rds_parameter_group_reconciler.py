# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create, change and reset parameters of a group, against an RDS in memory that takes what AWS takes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_parameter_group.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_parameter_group.reconciler import (
    ParameterGroupReconciler,
)
from botocore.exceptions import ClientError

_KNOWN = {
    "slow_query_log": ("dynamic", "boolean", "0,1"),
    "event_scheduler": ("dynamic", "string", "ON,OFF,DISABLED"),
    "gtid-mode": ("static", "string", "OFF,OFF_PERMISSIVE,ON_PERMISSIVE,ON"),
    "read_only": ("dynamic", "boolean", "0,1,{TrueIfReplica}"),
} | {f"p{number}": ("dynamic", "integer", "0-100") for number in range(45)}


class Rds:
    """RDS with one group."""

    exceptions = SimpleNamespace(ClientError=ClientError)

    def __init__(self):
        self.family: str | None = None
        self.held: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.calls: list[str] = []

    def _described(self) -> list[dict]:
        return [
            {
                "ParameterName": name,
                "ApplyType": applied,
                "DataType": kind,
                "AllowedValues": allowed,
                "Source": "user" if name in self.held else "engine-default",
            }
            | ({"ParameterValue": self.held[name]} if name in self.held else {})
            for name, (applied, kind, allowed) in _KNOWN.items()
        ]

    def get_paginator(self, operation: str):
        key = (lambda page: {"EngineDefaults": page}) if "engine" in operation else (lambda page: page)
        return SimpleNamespace(paginate=lambda **_asked: [key({"Parameters": self._described()})])

    def describe_db_parameter_groups(self, **_asked) -> dict:
        if self.family is None:
            raise ClientError({"Error": {"Code": "DBParameterGroupNotFound", "Message": "none"}}, "Describe")
        return {"DBParameterGroups": [{"DBParameterGroupFamily": self.family, "DBParameterGroupArn": "arn"}]}

    def list_tags_for_resource(self, **_asked) -> dict:
        return {"TagList": [{"Key": key, "Value": value} for key, value in self.tags.items()]}

    def create_db_parameter_group(self, **asked) -> None:
        self.calls.append("create")
        self.family = asked["DBParameterGroupFamily"]
        self.add_tags_to_resource(Tags=asked["Tags"])

    def add_tags_to_resource(self, **asked) -> None:
        self.tags |= {tag["Key"]: tag["Value"] for tag in asked["Tags"]}

    def modify_db_parameter_group(self, **asked) -> None:
        self.calls.append("modify")
        assert 0 < len(asked["Parameters"]) <= 20
        for item in asked["Parameters"]:
            applied, _kind, allowed = _KNOWN[item["ParameterName"]]
            assert item["ApplyMethod"] == ("immediate" if applied == "dynamic" else "pending-reboot")
            assert item["ParameterValue"] in allowed.split(",") or "-" in allowed
            self.held[item["ParameterName"]] = item["ParameterValue"]

    def reset_db_parameter_group(self, **asked) -> None:
        self.calls.append("reset")
        for item in asked["Parameters"]:
            self.held.pop(item["ParameterName"])


def _run(rds: Rds, *, check_mode: bool = False, tags: dict[str, str] | None = None, **values) -> list[str]:
    named = {name.replace("gtid_mode", "gtid-mode"): value for name, value in values.items()}
    reconciler = ParameterGroupReconciler(
        rds,
        Wanted("kc", "mysql8.4", "kc", named, tags),
        enforce=lambda found: judge(found, check_mode=check_mode, skip_unavailable=False).enforce(),
    )
    changes, _state = converge(reconciler, check_mode=check_mode, timeout=0)
    return [change.action for change in changes]


def test_a_group_is_announced_created_and_then_left():
    rds = Rds()
    wanted = {"slow_query_log": "ON", "gtid_mode": "on", "event_scheduler": "1", "tags": {"tier": "database"}}
    assert _run(rds, check_mode=True, **wanted) == ["create"]
    assert rds.calls == []
    assert _run(rds, **wanted) == ["create"]
    assert rds.held == {"slow_query_log": "1", "gtid-mode": "ON", "event_scheduler": "ON"}
    assert rds.tags == {"tier": "database"}
    assert _run(rds, **wanted) == []


def test_changes_are_announced_and_made_in_calls_of_twenty():
    rds = Rds()
    rds.family = "mysql8.4"
    many = {f"p{number}": str(number) for number in range(45)}
    assert _run(rds, check_mode=True, **many) == ["update"]
    assert rds.held == {}
    assert _run(rds, **many) == ["update"]
    assert rds.calls == ["modify"] * 3
    assert len(rds.held) == 45


def test_a_parameter_is_reset_once():
    rds = Rds()
    rds.family, rds.held = "mysql8.4", {"read_only": "1", "slow_query_log": "1"}
    assert _run(rds, read_only=None) == ["update"]
    assert rds.held == {"slow_query_log": "1"}
    assert _run(rds, read_only=None) == []


def test_another_family_and_wrong_values_are_refused_before_the_first_change():
    rds = Rds()
    rds.family = "mysql8.0"
    with pytest.raises(PlatformError, match=r"of the family mysql8\.0, not mysql8\.4"):
        _run(rds, slow_query_log="ON")
    with pytest.raises(PlatformError, match="takes on or off"):
        _run(Rds(), slow_query_log="perhaps")
    assert rds.calls == []
