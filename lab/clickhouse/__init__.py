# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run ClickHouse: the real engine (chdb) behind the HTTP interface, one process a region."""
