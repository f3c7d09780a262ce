# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Answer the lab's own processes: what there is to be, and what they report of it."""
