# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Automated backups: a copy follows its source's logs, and a new instance gets them up to a second."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest

from lab.runtime.rds import backups
from lab.runtime.rds.backups import Backups
from lab.runtime.rds.folders import Folders
from lab.runtime.rds.model import BackupCopy
from tests.unit.lab.test_rds_binlogs import START, rows
from tests.unit.lab.test_rds_configuration import a_database

_COPY = BackupCopy("ab-1", "main", "eu-central-1", "db-ABC", True)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The backups of a lab without servers, and the data folder of one instance."""
    folders = Folders(SimpleNamespace(state=tmp_path))
    data = folders.of("db-ABC") / "data"
    data.mkdir(parents=True)
    monkeypatch.setattr(backups, "run", lambda *_command: "")
    return Backups(folders), folders, data


def test_a_copy_follows_the_logs_of_its_source(kept):
    store, folders, data = kept
    (data / "binlog.index").write_text("binlog.000001\n")
    for content in (START, START + rows(1, 1000), START + rows(1, 1000) + rows(2, 2000)):
        (data / "binlog.000001").write_bytes(content)
        store.follow(_COPY, a_database())
    (data / "binlog.000002").write_bytes(START)
    store.follow(_COPY, a_database())
    copied = {path.name: path.read_bytes() for path in folders.backup("ab-1").iterdir()}
    assert copied == {"binlog.000001": START + rows(1, 1000) + rows(2, 2000), "binlog.000002": START}


@pytest.mark.parametrize("name", ["db-ABC", "ab-1"])
def test_a_new_instance_gets_the_logs_up_to_the_second(kept, name):
    store, folders, data = kept
    (data / "binlog.000001").write_bytes(START + rows(1, 1_000_000) + rows(2, 2_000_000))
    (data / "binlog.000002").write_bytes(START + rows(3, 2_500_000) + rows(4, 3_000_001))
    store.follow(_COPY, a_database())
    restored = dataclasses.replace(a_database(), resource_id="db-NEW", origin=("backup", name, "3"))
    into = folders.of("db-NEW") / "data"
    into.mkdir(parents=True)
    assert not store.lay(name, into)
    store.lay_logs(name, 3.0, into)
    assert (into / "relay.000002").read_bytes() == START + rows(3, 2_500_000)
    assert (into / "relay.index").read_text() == "/rds/data/relay.000001\n/rds/data/relay.000002\n"
    assert store.pending(restored).endswith(":1-3")
    store.applied(restored)
    assert store.pending(restored) == ""


def test_what_an_instance_began_with_is_its_base_and_that_of_its_copies(kept):
    store, folders, data = kept
    restored = dataclasses.replace(a_database(), origin=("snapshot", "snap-1"))
    (data / "ibdata1").write_text("as it began")
    store.keep_base(restored)
    (data / "ibdata1").write_text("later")
    store.follow(_COPY, restored)
    for name in ("db-ABC", "ab-1"):
        into = folders.of(f"db-{name}") / "data"
        assert store.lay(name, into)
        assert (into / "ibdata1").read_text() == "as it began"
