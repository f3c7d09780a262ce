# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read a table's definition out of a backup, and write that of a plain table which takes its parts. Pure functions.

The engine formats what it backs up (ClickHouse's src/Parsers/formatAST.h): keywords in capitals, names of columns in backticks,
and the
type of each column is one word with its arguments. So a few clauses are enough to be found, and no expression has to be understood.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.sql import table_identifier

_TOKEN = re.compile(r"'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.|``)*`|\"(?:[^\"\\]|\\.|\"\")*\"|\w+|\S", re.DOTALL)
_OPENING, _CLOSING = "([{", ")]}"
# The clauses behind the columns, by their words. What is between two of them belongs to the first.
_CLAUSES = (
    ("ENGINE",),
    ("PARTITION", "BY"),
    ("PRIMARY", "KEY"),
    ("ORDER", "BY"),
    ("SAMPLE", "BY"),
    ("TTL",),
    ("SETTINGS",),
    ("COMMENT",),
    ("AS",),
    ("DEFINER",),
    ("SQL", "SECURITY"),
)
_NO_COLUMN = ("INDEX", "PROJECTION", "CONSTRAINT", "PRIMARY", "FOREIGN")
_NOT_STORED = ("ALIAS", "EPHEMERAL")
# Settings of the table without which its parts can't be loaded.
_KEPT_SETTINGS = ("index_granularity", "index_granularity_bytes", "allow_experimental_reverse_key")
# Parts are taken as they are: what the engine would warn of is in them already.
_PLAIN_SETTINGS = {"allow_nullable_key": "1", "allow_floating_point_partition_key": "1"}
# Engines whose rows are files without parts; a table of the same engine is plain.
FILE_ENGINES = ("Log", "TinyLog", "StripeLog", "Memory")
# Engines of tables that hold rows, or none, and touch nothing else.
_PASSIVE = (*FILE_ENGINES, "EmbeddedRocksDB", "Join", "Null", "Set")


class _Token(t.NamedTuple):
    text: str
    start: int
    end: int
    depth: int


@dataclasses.dataclass(frozen=True)
class Definition:
    """A definition: its kind (TABLE, VIEW, MATERIALIZED VIEW, DICTIONARY), and its clauses as they stand."""

    kind: str
    engine: str = ""
    columns: tuple[str, ...] = ()
    projections: tuple[str, ...] = ()
    partition_by: str = ""
    primary_key: str = ""
    order_by: str = ""
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def has_parts(self) -> bool:
        """Return whether its rows are in parts; those of a materialized view are in a table of its own, if it has one."""
        return self.engine.endswith("MergeTree")

    @property
    def acts(self) -> bool:
        """Return whether it does something by itself, or leads elsewhere: a materialized view, a queue, a dictionary."""
        return not (self.kind == "VIEW" or (self.kind == "TABLE" and (self.has_parts or self.engine in _PASSIVE)))

    @property
    def has_files(self) -> bool:
        """Return whether its rows are in files without parts."""
        return self.kind == "TABLE" and self.engine in FILE_ENGINES

    def plain(self, target: str) -> str:
        """Return the statement for a table of these columns and keys that never changes a row by itself.

        It has no TTL, no default and no index, and merges rows of no key. Raise ValueError where that can't be told.
        """
        name = table_identifier(target)
        body = ", ".join((*self.columns, *self.projections)) if self.has_parts else ", ".join(self.columns)
        if self.has_files:
            return f"CREATE TABLE {name} ({body}) ENGINE = {self.engine}"
        if not self.has_parts:
            raise ValueError(f"its engine {self.engine or self.kind} has no parts")
        if not self.order_by:
            raise ValueError("its definition is one of the deprecated syntax, without ORDER BY")
        clauses = [f"CREATE TABLE {name} ({body}) ENGINE = MergeTree"]
        clauses += [f"PARTITION BY {self.partition_by}"] if self.partition_by else []
        clauses += [f"PRIMARY KEY {self.primary_key}"] if self.primary_key else []
        clauses.append(f"ORDER BY {self.order_by}")
        settings = {key: value for key, value in self.settings if key in _KEPT_SETTINGS} | _PLAIN_SETTINGS
        clauses.append("SETTINGS " + ", ".join(f"{key} = {value}" for key, value in sorted(settings.items())))
        return " ".join(clauses)


def parse_definition(text: str) -> Definition:
    """Parse a definition as the engine writes it. Raise ValueError where it can't be read."""
    tokens = _tokens(text)
    words = [token.text for token in tokens[:6]]
    if not words or words[0] not in ("CREATE", "ATTACH"):
        raise ValueError("it is no definition of a table")
    kind = _kind(words[1:])
    opening = next((number for number, token in enumerate(tokens) if token.text == "(" and token.depth == 1), None)
    clauses = _clauses(text, tokens)
    if kind not in ("TABLE", "MATERIALIZED VIEW") or "ENGINE" not in clauses or opening is None:
        return Definition(kind)
    engine = _TOKEN.search(clauses["ENGINE"].removeprefix("=").strip())
    columns, projections = _columns(text, tokens, opening)
    return Definition(
        kind,
        engine.group(0).strip("`") if engine else "",
        columns,
        projections,
        clauses.get("PARTITION BY", ""),
        clauses.get("PRIMARY KEY", ""),
        clauses.get("ORDER BY", ""),
        _settings(clauses.get("SETTINGS", "")),
    )


def _tokens(text: str) -> list[_Token]:
    """Return the tokens; brackets have the depth of what is inside of them."""
    found, depth = [], 0
    for match in _TOKEN.finditer(text):
        word = match.group(0)
        if word in _OPENING:
            depth += 1
        found.append(_Token(word, match.start(), match.end(), depth))
        if word in _CLOSING:
            depth -= 1
            if depth < 0:
                break
    if depth:
        raise ValueError("its brackets don't match")
    return found


def _kind(words: list[str]) -> str:
    for kind in (
        ("MATERIALIZED", "VIEW"),
        ("WINDOW", "VIEW"),
        ("LIVE", "VIEW"),
        ("VIEW",),
        ("DICTIONARY",),
        ("TABLE",),
    ):
        if tuple(words[: len(kind)]) == kind:
            return " ".join(kind)
    return words[0] if words else ""


def _clauses(text: str, tokens: list[_Token]) -> dict[str, str]:
    starts: list[tuple[str, int, int]] = []
    number = 0
    while number < len(tokens):
        clause = _clause_at(tokens, number)
        number += len(clause) or 1
        if clause:
            starts.append((" ".join(clause), tokens[number - len(clause)].start, tokens[number - 1].end))
            number += 1  # what follows a keyword is none: it may be a column of that name
        if clause == ("AS",):
            break  # the query of a view has clauses of its own
    ends = [start for _name, start, _end in starts[1:]] + [len(text)]
    found: dict[str, str] = {}
    for (name, _start, end), until in zip(starts, ends, strict=True):
        found.setdefault(name, text[end:until].strip().rstrip(";").strip())
    return found


def _clause_at(tokens: list[_Token], number: int) -> tuple[str, ...]:
    for clause in _CLAUSES:
        if tokens[number].depth == 0 and tuple(token.text for token in tokens[number : number + len(clause)]) == clause:
            return clause
    return ()


def _columns(text: str, tokens: list[_Token], opening: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return name and type of each column that is stored, and the projections, out of the list that opens there."""
    columns, projections = [], []
    for item in _items(tokens, opening):
        first = item[0].text
        if first == "PROJECTION":
            projections.append(text[item[0].start : item[-1].end])
        elif first not in _NO_COLUMN:
            column = _column(text, item)
            columns += [column] if column else []
    return tuple(columns), tuple(projections)


def _items(tokens: list[_Token], opening: int) -> t.Iterator[list[_Token]]:
    item: list[_Token] = []
    for token in tokens[opening + 1 :]:
        if token.depth == 1 and token.text in (",", ")"):
            if item:
                yield item
            item = []
            if token.text == ")":
                return
        else:
            item.append(token)


def _column(text: str, item: list[_Token]) -> str:
    """Return name and type of a column; nothing where no part holds it."""
    if len(item) < 2:
        raise ValueError(f"the column {item[0].text} has no type")
    end = 1
    if len(item) > 2 and item[2].text == "(":
        end = next(number for number, token in enumerate(item) if number > 2 and token.text == ")" and token.depth == 2)
    following = item[end + 1].text if len(item) > end + 1 else ""
    return "" if following in _NOT_STORED else text[item[0].start : item[end].end]


def _settings(text: str) -> tuple[tuple[str, str], ...]:
    pairs, item = [], []
    for token in [*_tokens(text), _Token(",", len(text), len(text), 0)]:
        if token.text == "," and token.depth == 0:
            if len(item) > 2 and item[1].text == "=":
                pairs.append((item[0].text, text[item[2].start : item[-1].end]))
            item = []
        else:
            item.append(token)
    return tuple(pairs)
