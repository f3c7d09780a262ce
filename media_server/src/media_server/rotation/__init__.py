# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rotate the keys of stored media, without the original, without downtime and without a failed segment.

Workers call `run_shard`, the API calls `Rotations`; both take `RotationServices.of(services)`.
"""

from media_server.rotation.rotations import Rotations
from media_server.rotation.run import run_shard
from media_server.rotation.services import RotationServices

__all__ = ["RotationServices", "Rotations", "run_shard"]
