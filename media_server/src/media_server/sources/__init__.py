# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The sources of assets, kept encrypted until the result is accepted or their time is over."""
