# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The machine image of the lab's instances: one for every AMI."""

from __future__ import annotations

from pathlib import Path

from lab.machine_image import MachineImage

IMAGE = MachineImage(
    what="the instances' image",
    repository="kc-lab-instance",
    recipe=Path(__file__).resolve().parent,
    suite="bookworm",
    command="/sbin/init",
    setting="LAB_INSTANCE_IMAGE",
)
