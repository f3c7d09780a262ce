# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and change the emulator's records: shared by the patches, Auto Scaling and the control API."""
