# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""One file a row, or a few that share their runs: `measure(context)` yields rows."""
