# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What all tests share: labs of their own."""

from __future__ import annotations

from tests.support.labs import lab, start_lab

__all__ = ["lab", "start_lab"]
