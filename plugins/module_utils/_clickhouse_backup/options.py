# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check the options of the module clickhouse_backup. Pure functions."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.selection import Selection
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

_ARCHIVE = re.compile(r"\.(zip|zipx|tar|tgz|tbz2|txz|tzst|tlz4|gz|bz2|xz|zst|lzma|lz4|7z)$", re.IGNORECASE)


def check_options(options: dict[str, t.Any]) -> None:
    """Raise PlatformError with all that is wrong with the options by themselves."""
    problems = []
    if options["name"] is not None and not _NAME.fullmatch(options["name"]):
        problems.append(
            f"O(name) is {options['name']!r}: take letters, digits, dots, dashes and underscores, at most 100."
        )
    if options["name"] is not None and _ARCHIVE.search(options["name"]):
        problems.append(
            f"O(name) is {options['name']!r}: by such an ending ClickHouse makes an archive. Fix: choose another name."
        )
    if options["max_chain"] < 1:
        problems.append("O(max_chain) must be at least 1, which makes full backups only.")
    if options["state"] == "present":
        problems += Selection.from_options(options).problems()
    problems += [f"O({name}) must not be negative." for name in ("max_bandwidth", "stale_after") if options[name] < 0]
    unnamed = set(options["restore"]["partitions"]) - set(options["restore"]["tables"])
    problems += [f"O(restore.partitions) has {name}, which isn't in O(restore.tables)." for name in sorted(unnamed)]
    problems += _retention_problems(options["retention"]) if options["state"] == "pruned" else []
    if problems:
        raise PlatformError(f"{' '.join(problems)} Nothing was changed.")


def _retention_problems(retention: dict[str, t.Any]) -> list[str]:
    given = {name: value for name, value in retention.items() if value is not None}
    if not given:
        return ["O(retention) keeps nothing. Fix: set O(retention.keep_last) or O(retention.keep_days)."]
    return [
        f"O(retention.{name}) is {value}, which would leave no backup. Fix: take at least 1."
        for name, value in given.items()
        if value < 1
    ]
