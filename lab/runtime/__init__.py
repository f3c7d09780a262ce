# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Realize what the emulator only keeps in its records: instances, load balancers and databases, outside the emulator's process."""
