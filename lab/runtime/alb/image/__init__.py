# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The image of the lab's load balancers."""

from __future__ import annotations

from pathlib import Path

from lab.machine_image import MachineImage

IMAGE = MachineImage(
    what="the load balancers' image",
    repository="kc-lab-balancer",
    recipe=Path(__file__).resolve().parent,
    suite="bookworm",
    command="/usr/sbin/haproxy",
    setting="LAB_BALANCER_IMAGE",
)
