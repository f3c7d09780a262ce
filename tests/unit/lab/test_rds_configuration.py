# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A server's options, from the parameters of its group."""

from __future__ import annotations

import pytest

from lab.runtime.rds.configuration import effective, read_only, render
from lab.runtime.rds.model import Wanted


def a_database(source: str = "", **parameters: str):
    item = {
        "resource_id": "db-ABC",
        "identifier": "main",
        "region": "me-west-1",
        "state": "available",
        "network": "vpc-1",
        "subnet_cidr": "10.10.0.0/24",
        "address": "10.10.0.4",
        "mac": "0a:00:00:00:00:01",
        "endpoint": "main.c1.me-west-1.rds.amazonaws.com",
        "port": 3306,
        "username": "admin",
        "password": "not-to-be-told",
        "password_version": 1,
        "database": "",
        "reboots": 0,
        "origin": None,
        "source": source,
        "parameter_group": "main",
        "parameters": {name: [value, True] for name, value in parameters.items()},
    }
    return Wanted.read({"instances": [item], "snapshots": [], "backup_copies": []}).databases["db-ABC"]


def test_parameters_come_after_the_defaults_and_never_over_the_frame():
    lines = render(a_database(max_connections="77", datadir="/elsewhere")).splitlines()
    assert "loose_max_connections=77" in lines
    assert not [line for line in lines if line.startswith("max_connections=")]
    assert "datadir=/rds/data" in lines
    assert not [line for line in lines if "elsewhere" in line]


def test_names_with_hyphens_and_formulas():
    database = a_database(**{"gtid-mode": "ON", "innodb_buffer_pool_size": "{DBInstanceClassMemory*3/4}"})
    assert effective(database) == {"gtid_mode": "ON"}


@pytest.mark.parametrize(
    ("source", "parameters", "wanted"),
    [
        ("", {}, False),
        ("db-X", {}, True),
        ("db-X", {"read_only": "{TrueIfReplica}"}, True),
        ("", {"read_only": "1"}, True),
        ("db-X", {"read_only": "0"}, False),
    ],
)
def test_a_replica_is_read_only_unless_its_group_says_otherwise(source, parameters, wanted):
    database = a_database(source, **parameters)
    assert read_only(database) == wanted
    assert f"read_only={'ON' if wanted else 'OFF'}" in render(database)


def test_no_password_is_shown():
    assert "not-to-be-told" not in repr(a_database()) + render(a_database())
