# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Return keys to holders of an asset's token: ClearKey licences, HLS keys, and CPIX documents for a DRM vendor."""
