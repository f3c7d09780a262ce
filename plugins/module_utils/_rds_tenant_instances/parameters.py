# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare and request parameters of MySQL as RDS keeps them: text, with several words for on and off. Pure functions."""

from __future__ import annotations

import typing as t

_WORDS = {"on": "1", "true": "1", "yes": "1", "off": "0", "false": "0", "no": "0"}
_AT_ONCE = {"dynamic": "immediate", "static": "pending-reboot"}

# Set whatever else is: no data goes over a network in plain text, and the sessions that are to be ended can be seen.
REQUIRED = {"performance_schema": "1", "require_secure_transport": "1"}


def as_text(value: t.Any) -> str:
    """Return a value as RDS takes it."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def same(one: str | None, other: str | None) -> bool:
    """Return whether two values mean the same to MySQL."""
    if one is None or other is None:
        return one is other
    left, right = one.lower(), other.lower()
    return _WORDS.get(left, left) == _WORDS.get(right, right)


def differing(wanted: t.Mapping[str, str], held: t.Mapping[str, str], *, purge: bool) -> dict[str, str | None]:
    """Return the parameters to set, and with ``purge`` those to reset to their defaults (None)."""
    found: dict[str, str | None] = {
        name: value for name, value in sorted(wanted.items()) if not same(value, held.get(name))
    }
    if purge:
        found |= dict.fromkeys(sorted(held.keys() - wanted.keys()))
    return found


def request(name: str, value: str | None, types: t.Mapping[str, str]) -> dict[str, str]:
    """Return one parameter for a call; static ones wait for the next reboot."""
    asked = {"ParameterName": name, "ApplyMethod": _AT_ONCE[types.get(name, "dynamic")]}
    return asked if value is None else asked | {"ParameterValue": value}
