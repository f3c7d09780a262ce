# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What all tests share: labs of their own, and what the report ends with."""

from __future__ import annotations

from tests.support.labs import lab, start_lab
from tests.support.not_proven import pytest_configure, pytest_runtest_setup, pytest_terminal_summary

__all__ = ["lab", "pytest_configure", "pytest_runtest_setup", "pytest_terminal_summary", "start_lab"]
