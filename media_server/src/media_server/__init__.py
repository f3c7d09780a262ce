# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A media server: encrypts video into S3, hands out its keys, and changes them."""
