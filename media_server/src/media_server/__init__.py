# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Encrypt video into S3, serve its keys to players, and rotate the keys."""
