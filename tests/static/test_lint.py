# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run the linters of `make lint`, each as a test; ansible-lint has a file of its own, as it takes longest."""

from __future__ import annotations

import pytest

from tests.support import static_checks


@pytest.mark.parametrize("check", ["ruff", "format", "yamllint", "shellcheck", "reuse", "changelog"])
def test_linter_finds_nothing(check):
    static_checks.passes("tools/lint.sh", check)
