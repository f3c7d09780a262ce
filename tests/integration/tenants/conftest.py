# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Provide a lab with real MySQL servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.databases import DatabasePlace, make_database_place
from tests.support.labs import Clients, running_lab
from tests.support.shared_instance import SHARED, Keeper, keeper


@pytest.fixture(scope="module")
def databases(tmp_path_factory) -> Iterator[Clients]:
    """Start a lab that runs databases, one for each module of tests: its containers take time to start."""
    with running_lab(tmp_path_factory.mktemp("lab"), instances=True) as clients:
        yield clients


@pytest.fixture(scope="module")
def place(databases: Clients) -> DatabasePlace:
    place = make_database_place(databases, "me-west-1", "10.10.0.0/16")
    group = {"DBParameterGroupName": SHARED, "DBParameterGroupFamily": "mysql8.4", "Description": SHARED}
    place.rds.create_db_parameter_group(**group)
    place.create(SHARED, DBParameterGroupName=SHARED)
    place.wait(SHARED)
    return place


@pytest.fixture(scope="module")
def keep(place: DatabasePlace) -> Iterator[Keeper]:
    """Return a function that runs the module and returns its result, with `failed` and `output`."""
    with keeper(place) as found:
        yield found
