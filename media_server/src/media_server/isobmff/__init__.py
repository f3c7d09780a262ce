# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reading ISO base media files (ISO/IEC 14496-12) of CMAF: strictly, because they come from outside.

Import from the modules of this package: `boxes`, `track` (init segments), `fragments` (media segments).
"""
