# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Describe what preflight found, and put it into one message."""

from __future__ import annotations

import dataclasses
import difflib
import textwrap
import typing as t

_WIDTH = 110


@dataclasses.dataclass(frozen=True)
class Problem:
    """Something that is wrong, or (``warning``) worth knowing.

    ``setting`` names what to change: a setting, an environment variable or an API. ``where`` says where it was found.
    """

    setting: str
    problem: str
    fix: str
    where: str = ""
    warning: bool = False

    def as_dict(self) -> dict[str, str]:
        return {"setting": self.setting, "problem": self.problem, "where": self.where, "fix": self.fix}


def did_you_mean(name: t.Any, known: t.Iterable[str]) -> str:
    """Return `` Did you mean ...?`` with the nearest known name, or nothing where none is near."""
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]}?" if near else ""


def joined(names: t.Iterable[t.Any]) -> str:
    """Join names for a sentence: ``a, b and c``."""
    listed = [str(name) for name in names]
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}" if listed else "none"


def merged(findings: t.Iterable[Problem]) -> list[Problem]:
    """Merge equal problems, in their order; one found in several places names them all."""
    places: dict[Problem, list[str]] = {}
    for finding in findings:
        known = places.setdefault(dataclasses.replace(finding, where=""), [])
        if finding.where and finding.where not in known:
            known.append(finding.where)
    return [dataclasses.replace(finding, where=joined(known) if known else "") for finding, known in places.items()]


def _paragraph(text: str, first: str) -> list[str]:
    # A long name, path or URL stays in one piece: it is there to be copied.
    return textwrap.wrap(
        text,
        width=_WIDTH,
        initial_indent=first,
        subsequent_indent=" " * 4,
        break_long_words=False,
        break_on_hyphens=False,
    )


def numbered(findings: t.Sequence[Problem]) -> str:
    """Return the problems as a numbered list, each with where it was found and its fix."""
    lines: list[str] = []
    for number, finding in enumerate(findings, start=1):
        lines += _paragraph(f"{finding.setting}: {finding.problem}", f"{number:>2}. ")
        if finding.where:
            lines += _paragraph(f"Where: {finding.where}", "    ")
        lines += _paragraph(f"Fix: {finding.fix}", "    ")
    return "\n".join(lines)
