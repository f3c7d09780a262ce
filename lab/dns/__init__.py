# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The lab's DNS: answers from the emulator's Route 53 zones, and probes for its health checks."""
