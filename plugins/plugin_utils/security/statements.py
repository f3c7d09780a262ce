# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make statements of policies from data: fill in placeholders, and insert the pieces that several tiers share."""

from __future__ import annotations

import itertools
import re
import typing as t

Data = dict[str, t.Any]
Values = t.Mapping[str, t.Any]

VERSION = "2012-10-17"
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_IAM_KEYS = {
    "sid": "Sid",
    "effect": "Effect",
    "principal": "Principal",
    "actions": "Action",
    "resources": "Resource",
    "conditions": "Condition",
}


def fill(value: t.Any, values: Values) -> t.Any:
    """Fill in the placeholders of `value`. In a list, a placeholder with several values makes as many items."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), value)
    if isinstance(value, dict):
        return {key: fill(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [filled for item in value for filled in _fill_item(item, values)]
    return value


def _fill_item(item: t.Any, values: Values) -> list[t.Any]:
    if not isinstance(item, str):
        return [fill(item, values)]
    several = [
        name for name in dict.fromkeys(_PLACEHOLDER.findall(item)) if isinstance(values.get(name), (list, tuple))
    ]
    choices = itertools.product(*(values[name] for name in several))
    return [fill(item, {**values, **dict(zip(several, choice, strict=True))}) for choice in choices]


def expand(entries: t.Sequence[Data], pieces: t.Mapping[str, t.Sequence[Data]], values: Values) -> list[Data]:
    """Return a tier's statements as data, with pieces inserted and all placeholders filled in."""
    statements = []
    for entry in entries:
        if "piece" in entry:
            parameters = {name: value for name, value in entry.items() if name != "piece"}
            statements += [fill(statement, {**values, **parameters}) for statement in pieces[entry["piece"]]]
        else:
            statements.append(fill(entry, values))
    return statements


def as_policy(statements: t.Sequence[Data]) -> Data:
    """Make a policy document of statements as data. Reasons are left out: IAM has no field for them."""
    return {"Version": VERSION, "Statement": [_statement(statement) for statement in statements]}


def _statement(statement: Data) -> Data:
    named = {"effect": "Allow"} | statement | {"sid": camel(statement["sid"])}
    return {iam: named[key] for key, iam in _IAM_KEYS.items() if key in named}


def camel(words: str) -> str:
    """Make a statement's ID, which has letters and digits only."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", words))
