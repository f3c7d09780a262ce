# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Envelope encryption in two levels: KMS wraps a tenant's key, which wraps the content keys of the tenant's assets."""
