# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What runs in the emulator's process: its listeners, its patches, and the API by which reconcilers read its state."""
