# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The lab's EC2: what the API says about instances, made true with containers and network namespaces."""
