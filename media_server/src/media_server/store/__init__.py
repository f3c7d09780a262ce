# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What is stored in S3: object names, documents, and conditional reads and writes."""
