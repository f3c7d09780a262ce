# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Hands out keys to those with a token of the asset: ClearKey licences, HLS keys, and CPIX documents for a DRM vendor."""
