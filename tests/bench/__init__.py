# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the platform costs in time, each figure against a yardstick measured in the same run (`make bench`)."""
