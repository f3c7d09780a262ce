# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The filter `differing`; differing.yml documents it."""

from __future__ import annotations

import json
import typing as t

from ansible.errors import AnsibleFilterError

Item = dict[str, t.Any]


def differing(wanted: list[Item], found: list[Item], key: str) -> list[Item]:
    """Return those of the wanted items that are not among the found ones, or are there with other settings."""
    by_key = {item[key]: item for item in found if key in item}
    if any(key not in item for item in wanted):
        raise AnsibleFilterError(
            f"differing: each item that is wanted needs the attribute {key}, by which it is found."
        )
    return [item for item in wanted if item[key] not in by_key or _differs(item, by_key[item[key]])]


def _differs(wanted: Item, found: Item) -> bool:
    return any(not _same(value, found.get(name)) for name, value in wanted.items())


def _same(wanted: t.Any, found: t.Any) -> bool:
    """Compare as AWS means it: numbers and booleans may be text, documents JSON text, and what is not there is empty or false."""
    if isinstance(wanted, (dict, list)) and isinstance(found, str):
        found = _document(found)
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.keys() == found.keys() and all(_same(value, found[name]) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(_same, wanted, found))
    if _is_nothing(wanted) and _is_nothing(found):
        return True
    if isinstance(wanted, (dict, list)) or isinstance(found, (dict, list)):
        return False
    return _plain(wanted) == _plain(found)


def _is_nothing(value: t.Any) -> bool:
    return value is None or value is False or (isinstance(value, (str, list, dict)) and not value)


def _document(text: str) -> t.Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _plain(value: t.Any) -> str | float:
    """Return a number for what is one, written as text or not, and text for all else."""
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable]:
        return {"differing": differing}
