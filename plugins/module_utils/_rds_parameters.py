# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare, check and request parameters of MySQL as RDS keeps them: text, which for on and off is ``1`` or ON by the parameter."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import error_code

_WORDS = {"on": "1", "true": "1", "yes": "1", "off": "0", "false": "0", "no": "0"}
_AT_ONCE = {"dynamic": "immediate", "static": "pending-reboot"}
_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_MOST = 20  # parameters that a call takes

# Set whatever else is: no data goes over a network in plain text, the sessions that are to be ended can be seen, and a trigger can
# be created by somebody who is no administrator, although there is a binary log (1419).
REQUIRED = {"log_bin_trust_function_creators": "1", "performance_schema": "1", "require_secure_transport": "1"}


@dataclasses.dataclass(frozen=True)
class Known:
    """A parameter of a family that can be set: when it is applied, its type, and the values that RDS takes."""

    applied: str = "dynamic"
    kind: str = "string"
    allowed: str = ""


def read_types(rds: t.Any, family: str) -> dict[str, Known]:
    """Read which parameters of a family can be set, and how; none where RDS knows no such family."""
    pages = rds.get_paginator("describe_engine_default_parameters").paginate(DBParameterGroupFamily=family)
    try:
        items = [item for page in pages for item in page["EngineDefaults"]["Parameters"]]
    except rds.exceptions.ClientError as error:
        if error_code(error) not in ("InvalidParameterValue", "DBParameterGroupNotFound"):
            raise
        return {}
    return known(items)


def known(items: t.Iterable[dict[str, t.Any]]) -> dict[str, Known]:
    """Return the parameters that can be set, as RDS describes them."""
    return {
        item["ParameterName"]: Known(
            item.get("ApplyType", "dynamic"), item.get("DataType", "string"), item.get("AllowedValues", "")
        )
        for item in items
        if item.get("IsModifiable", True)
    }


def as_text(value: t.Any) -> str:
    """Return a value as RDS takes it."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def as_taken(value: str, parameter: Known) -> str:
    """Return a value in the word that RDS has for it: ON is ``1`` of one parameter, true is ``ON`` of another."""
    choices = [item.strip() for item in parameter.allowed.split(",")]
    if value in choices:
        return value
    number = re.fullmatch(r"(\d+)([KMGT])", value)
    if parameter.kind == "integer" and number:
        return str(int(number[1]) * _UNITS[number[2]])
    if parameter.kind == "boolean" and not parameter.allowed:
        choices = ["0", "1"]
    return next((choice for choice in choices if choice and same(choice, value)), value)


def fault(name: str, value: str, parameter: Known) -> str | None:
    """Say why RDS would refuse a value, as far as that is certain."""
    taken = as_taken(value, parameter)
    if parameter.kind == "boolean" and taken not in (parameter.allowed or "0,1").split(","):
        return f"{name} is {value!r}, and takes on or off (1 or 0)."
    if parameter.kind == "integer" and "{" not in taken and not _within(taken, parameter.allowed):
        return f"{name} is {value!r}, and takes {parameter.allowed or 'a whole number'}."
    return None


def _within(value: str, allowed: str) -> bool:
    if not re.fullmatch(r"-?\d+", value):
        return value in allowed.split(",")
    ranges = [re.fullmatch(r"(-?\d+)(?:-(\d+))?", part.strip()) for part in allowed.split(",") if part.strip()]
    if not ranges or None in ranges:
        return True
    return any(int(found[1]) <= int(value) <= int(found[2] or found[1]) for found in ranges)


def same(one: str | None, other: str | None) -> bool:
    """Return whether two values mean the same to MySQL."""
    if one is None or other is None:
        return one is other
    left, right = one.lower(), other.lower()
    return _WORDS.get(left, left) == _WORDS.get(right, right)


def differing(
    wanted: t.Mapping[str, str], held: t.Mapping[str, str], types: t.Mapping[str, Known], *, purge: bool
) -> dict[str, str | None]:
    """Return the parameters to set, and with ``purge`` those to reset to their defaults (None)."""
    found: dict[str, str | None] = {}
    for name, value in sorted(wanted.items()):
        taken = as_taken(value, types.get(name, Known()))
        if not same(taken, held.get(name)):
            found[name] = taken
    if purge:
        found |= dict.fromkeys(sorted(held.keys() - wanted.keys()))
    return found


def request(name: str, value: str | None, types: t.Mapping[str, Known]) -> dict[str, str]:
    """Return one parameter for a call; static ones wait for the next reboot."""
    asked = {"ParameterName": name, "ApplyMethod": _AT_ONCE[types.get(name, Known()).applied]}
    return asked if value is None else asked | {"ParameterValue": value}


def write(rds: t.Any, group: str, values: t.Mapping[str, str | None], types: t.Mapping[str, Known]) -> None:
    """Set parameters of a group, and reset those that are None; the client is passed in."""
    asked = [request(key, value, types) for key, value in values.items() if value is not None]
    reset = [request(key, None, types) for key, value in values.items() if value is None]
    for start in range(0, len(asked), _MOST):
        rds.modify_db_parameter_group(DBParameterGroupName=group, Parameters=asked[start : start + _MOST])
    for start in range(0, len(reset), _MOST):
        rds.reset_db_parameter_group(
            DBParameterGroupName=group, ResetAllParameters=False, Parameters=reset[start : start + _MOST]
        )
