# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Answer DNS queries from the emulator's Route 53 zones, and probe for its health checks."""
