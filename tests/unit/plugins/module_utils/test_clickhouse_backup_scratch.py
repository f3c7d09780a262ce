# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A proof begins only where the disks that its tables get have room."""

from __future__ import annotations

import types

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup import scratch
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.faults import UnverifiedError


@pytest.fixture
def proof(monkeypatch):
    """A proof of a backup of one table, which takes 100 bytes, on a server whose disks have room for so many."""
    monkeypatch.setattr(scratch, "sizes_of", lambda _metadata: {"lms.visits": 100, "lms.not_wanted": 10_000})

    def make(*free: int):
        disks = [{"name": f"disk{number}", "free": str(room)} for number, room in enumerate(free)]
        engine = types.SimpleNamespace(server=types.SimpleNamespace(rows=lambda _query: disks))
        backup = types.SimpleNamespace(name="nightly", metadata=b"-")
        return scratch.ScratchProof(engine, None, "backups", {"nightly": backup}, "nightly")

    return make


@pytest.mark.parametrize("free", [(100,), (60, 60), ()])
def test_disks_with_room_or_unknown_ones_are_taken(proof, free):
    proof(*free)._check_space({"lms.visits": None})


def test_too_little_room_says_where_and_proves_nothing(proof):
    with pytest.raises(
        UnverifiedError, match=r"100 bytes on the server's disks \(disk0, disk1\), of which 90 are free"
    ):
        proof(50, 40)._check_space({"lms.visits": None})
