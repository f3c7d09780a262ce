# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Changes the keys of what is stored, without the original, a pause, or a failed segment.

`run_shard` is the workers' part, `Rotations` what the API asks; both take `RotationServices.of(services)`.
"""

from media_server.rotation.rotations import Rotations
from media_server.rotation.run import run_shard
from media_server.rotation.services import RotationServices

__all__ = ["RotationServices", "Rotations", "run_shard"]
