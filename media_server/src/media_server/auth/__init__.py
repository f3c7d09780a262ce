# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Who may do what: signed tokens, tokens that count once, and the cookies that CloudFront checks."""
