# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Strict reader of ISO base media files (ISO/IEC 14496-12) as CMAF uses them. The input is untrusted.

Import from the modules of this package: `boxes`, `track` (init segments), `fragments` (media segments).
"""
