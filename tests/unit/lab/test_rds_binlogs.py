# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Binary logs: the transactions that are whole, and what was committed up to a moment."""

from __future__ import annotations

import struct
import uuid

from lab.runtime.rds.binlogs import MAGIC, gtid_set, transactions, up_to

_SOURCE = uuid.UUID("11111111-2222-3333-4444-555555555555")


def _event(kind: int, body: bytes) -> bytes:
    size = 19 + len(body) + 4
    return struct.pack("<IBIIIH", 0, kind, 1, size, 0, 0) + body + b"\1\2\3\4"


def _gtid(number: int, committed: int) -> bytes:
    times = (committed | 1 << 55).to_bytes(7, "little") + committed.to_bytes(7, "little")
    return _event(33, b"\1" + _SOURCE.bytes + struct.pack("<qBqq", number, 2, 0, 0) + times)


def rows(number: int, committed: int) -> bytes:
    return _gtid(number, committed) + _event(2, b"...\0BEGIN") + _event(30, b"a row") + _event(16, b"........")


def _statement(number: int, committed: int) -> bytes:
    return _gtid(number, committed) + _event(2, b"...\0CREATE TABLE t (id INT)")


START = MAGIC + _event(15, b"format") + _event(35, b"previous")


def test_rows_and_statements_are_transactions():
    content = START + rows(7, 1000) + _statement(8, 2000)
    assert [(item.source, item.number, item.committed_us) for item in transactions(content)] == [
        (str(_SOURCE), 7, 1000),
        (str(_SOURCE), 8, 2000),
    ]


def test_what_was_committed_later_is_cut_off(tmp_path):
    kept = START + rows(1, 1000) + rows(2, 2000)
    (tmp_path / "1").write_bytes(kept + _statement(3, 2001))
    (tmp_path / "2").write_bytes(START + rows(4, 3000))
    (part,) = up_to([tmp_path / "1", tmp_path / "2"], 2000)
    assert part.size == len(kept)
    assert gtid_set([part]) == f"{_SOURCE}:1-2"


def test_a_transaction_whose_end_is_missing_is_left_out(tmp_path):
    whole, last = START + rows(1, 1000), rows(2, 1001)
    for missing in (1, 30, len(last) - 1):
        (tmp_path / "log").write_bytes(whole + last[:-missing])
        (part,) = up_to([tmp_path / "log"], 5000)
        assert part.size == len(whole)
        assert gtid_set([part]) == f"{_SOURCE}:1-1"


def test_a_log_without_transactions_is_taken_with_the_next(tmp_path):
    (tmp_path / "1").write_bytes(START + _event(4, b"the next log"))
    (tmp_path / "2").write_bytes(START + rows(5, 1000)[:-2])
    first, second = up_to([tmp_path / "1", tmp_path / "2"], 5000)
    assert first.size == (tmp_path / "1").stat().st_size
    assert second.size == len(START)
    assert gtid_set([first, second]) == ""
