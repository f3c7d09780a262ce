# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Order, measure and limit a run of the tests: recorded durations, and a budget for every suite."""
