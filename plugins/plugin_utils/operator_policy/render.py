# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Fill in the placeholders of docs/operator-policy.json. Imports nothing, so that the lab can use it too."""

from __future__ import annotations

import re
import typing as t

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_LIST = "${regions}"


def rendered(policy: t.Mapping[str, t.Any], values: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return the policies with ``name``, ``path`` and ``document``. ``regions`` is a list; KeyError names a missing value."""
    return [_filled(entry, values) for entry in policy["policies"]]


def rendered_boundary(policy: t.Mapping[str, t.Any], values: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the permissions boundary of the platform's roles, with its ``name``, ``path`` and ``document``."""
    return _filled(policy["boundary"], values)


def _filled(value: t.Any, values: t.Mapping[str, t.Any]) -> t.Any:
    if isinstance(value, dict):
        return {_filled(key, values): _filled(item, values) for key, item in value.items()}
    if isinstance(value, list):
        filled = [
            item for entry in value for item in (values["regions"] if entry == _LIST else [_filled(entry, values)])
        ]
        return list(dict.fromkeys(filled)) if all(isinstance(item, str) for item in filled) else filled
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), value)
    return value
