# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The lab: the platform's AWS account on one Linux machine (see lab/README.md)."""
