# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What all tests share: labs of their own, and what the report ends with."""

from __future__ import annotations

import hypothesis

from tests.support.labs import lab, start_lab

pytest_plugins = ("tests.support.not_proven", "tests.support.suites.plugin")

__all__ = ["lab", "start_lab"]

# No time limit an example, as others use the machine too; and nothing is kept beside the tests.
hypothesis.settings.register_profile("platform", deadline=None, database=None, print_blob=True)
hypothesis.settings.load_profile("platform")
