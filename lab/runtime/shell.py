# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run the host's programs that make networks and containers."""

from __future__ import annotations

import subprocess


class CommandError(Exception):
    """A program failed; the message holds its words."""


def run(*command: str, stdin: str = "") -> str:
    """Run a program; returns what it printed."""
    ran = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if ran.returncode:
        said = ran.stderr.strip() or ran.stdout.strip()
        raise CommandError(f"{' '.join(command[:6])}: {said}")
    return ran.stdout


def tried(*command: str) -> str | None:
    """Return what a program printed; None where it failed, as one that removes what is gone may."""
    try:
        return run(*command)
    except CommandError:
        return None


def batch(lines: list[str], *prefix: str) -> None:
    """Run lines of ip(8) at once, behind `prefix` (a namespace to enter)."""
    run(*prefix, "ip", "-batch", "-", stdin="\n".join(lines) + "\n")
