# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The lab's RDS: what the API says about DB instances and snapshots, made true with MySQL servers in containers."""
