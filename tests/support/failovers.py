# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make failovers for the tests of pure functions."""

from __future__ import annotations

from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.journal import Journal, Place
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_failover.model import (
    Instance,
    Replication,
    Side,
    State,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import Copy, Record

HERE, THERE = "me-west-1", "eu-central-1"
RECORD = Record(2, HERE, "main.example", "2026-11-25T08:00:00+00:00", "the writer was built", None)


def wanted(mode: str = "planned", **options) -> Wanted:
    given = {"target_region": THERE, "instances": {HERE: "main", THERE: "replica"}, "fence": "lock_and_kill"}
    return Wanted(mode=mode, **given | options)


def instance(name: str, source: str = "", **options) -> Instance:
    given = {
        "arn": f"arn:{name}",
        "status": "available",
        "endpoint": f"{name}.example",
        "port": 3306,
        "parameter_group": name,
        "read_only": None,
        "security_groups": ("sg-1",),
        "backup_retention": 7,
        "multi_az": True,
    }
    return Instance(source=source, **given | options)


def server(replica: bool = False, **options) -> Replication:
    given = {
        "read_only": replica,
        "connected": True if replica else None,
        "applying": True if replica else None,
        "problems": (),
        "lag_ms": 5.0 if replica else None,
        "beat_age_ms": 400.0,
        "beat": True,
    }
    return Replication(**given | options)


def journal(mode: str = "planned", **options) -> Journal:
    given = {"name": "n", "source": Place(HERE, "main", "main.example"), "target": Place(THERE, "replica", "r.example")}
    return Journal(mode=mode, epoch=3, fence="lock_and_kill", **given | options)


def state(**options) -> State:
    given = {
        "copies": (Copy(HERE, "present", RECORD), Copy(THERE, "present", RECORD)),
        "record": RECORD,
        "journal": None,
        "foreign": None,
        "source": Side(HERE, "main", instance("main"), server=server()),
        "target": Side(THERE, "replica", instance("replica", "arn:main"), server=server(replica=True)),
    }
    return State(**given | options)


def lost(**options) -> State:
    """Return the same state with the writer's region lost."""
    given = {
        "copies": (Copy(HERE, "unreadable", error="silent"), Copy(THERE, "present", RECORD)),
        "source": Side(HERE, "main", instance_error="silent.", server_error="silent."),
    }
    return state(**given | options)
