# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What lies in S3: names of the objects, their documents, and conditional reads and writes."""
