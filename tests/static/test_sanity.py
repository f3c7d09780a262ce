# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run ansible-test sanity, as `make sanity` does."""

from __future__ import annotations

from tests.support import static_checks


def test_sanity_finds_nothing():
    static_checks.passes("tools/sanity.sh", ".build/sanity")
