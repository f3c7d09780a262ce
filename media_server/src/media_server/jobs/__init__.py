# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The work that takes long: a durable queue, and the workers that package what was uploaded."""
