# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read binary logs: which transactions they hold, when each was committed, and where the first one after a moment begins.

`mysqlbinlog --stop-datetime` compares the times of single statements; RDS restores what was committed, which a transaction's GTID
event says to the microsecond.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"\xfebin"
_HEADER = struct.Struct("<IBIIIH")  # timestamp, type, server id, size, next position, flags
_QUERY, _XID, _GTID, _PAYLOAD = 2, 16, 33, 40
_CHECKSUM = 4
_ORIGINAL_FOLLOWS = 1 << 55


@dataclass(frozen=True)
class Transaction:
    """A transaction that is whole: its GTID, when it was committed in microseconds, and where in its log it begins and ends."""

    source: str
    number: int
    committed_us: int
    begin: int
    end: int


@dataclass(frozen=True)
class Part:
    """The part of a log up to a moment: its first `size` bytes, and the transactions in them."""

    log: Path
    size: int
    transactions: tuple[Transaction, ...]


def transactions(content: bytes) -> Iterator[Transaction]:
    """Yield the transactions of a log; one that is cut off at its end is left out."""
    position, begun, in_block = len(MAGIC), None, False
    while position + _HEADER.size <= len(content):
        _time, kind, _server, size, _next, _flags = _HEADER.unpack_from(content, position)
        end = position + size
        if size < _HEADER.size or end > len(content):
            return
        body = content[position + _HEADER.size : end]
        if kind == _GTID:
            begun, in_block = (position, *_gtid(body)), False
        elif begun and kind == _QUERY and not in_block and body[:-_CHECKSUM].endswith(b"\0BEGIN"):
            in_block = True
        elif begun and _ends(kind, body, in_block):
            begin, source, number, committed = begun
            yield Transaction(source, number, committed, begin, end)
            begun = None
        position = end


def _gtid(body: bytes) -> tuple[str, int, int]:
    source, number = str(uuid.UUID(bytes=body[1:17])), int.from_bytes(body[17:25], "little")
    return source, number, int.from_bytes(body[42:49], "little") & ~_ORIGINAL_FOLLOWS


def _ends(kind: int, body: bytes, in_block: bool) -> bool:
    if in_block:
        return kind == _XID or (kind == _QUERY and body[:-_CHECKSUM].endswith((b"\0COMMIT", b"\0ROLLBACK")))
    return kind in (_QUERY, _PAYLOAD)


def up_to(logs: list[Path], until_us: int) -> list[Part]:
    """Return what of the logs, in their order, was committed up to a moment."""
    parts = []
    for log in logs:
        content = log.read_bytes()
        found = list(transactions(content))
        wanted = []
        for item in found:
            if item.committed_us > until_us:
                break
            wanted.append(item)
        size = wanted[-1].end if wanted else found[0].begin if found else _before_the_first(content)
        parts.append(Part(log, size, tuple(wanted)))
        if len(wanted) < len(found):
            break
    return parts


def _before_the_first(content: bytes) -> int:
    """Return where the first transaction, which is cut off, begins; else the end of what is whole."""
    position = len(MAGIC)
    while position + _HEADER.size <= len(content):
        _time, kind, _server, size, _next, _flags = _HEADER.unpack_from(content, position)
        if kind == _GTID or size < _HEADER.size or position + size > len(content):
            break
        position += size
    return position


def gtid_set(parts: list[Part]) -> str:
    """Return the GTIDs of the parts, as MySQL writes a set; empty where there are none."""
    ranges: dict[str, tuple[int, int]] = {}
    for item in (item for part in parts for item in part.transactions):
        first, last = ranges.get(item.source, (item.number, item.number))
        ranges[item.source] = (min(first, item.number), max(last, item.number))
    return ",".join(f"{source}:{first}-{last}" for source, (first, last) in sorted(ranges.items()))
