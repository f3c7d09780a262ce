# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run ansible-lint with its production profile."""

from __future__ import annotations

from tests.support import static_checks


def test_ansible_lint_finds_nothing():
    static_checks.passes("tools/lint.sh", "ansible-lint")
