# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The image of the lab's DB instances: Debian's MySQL, which only its unstable release has."""

from __future__ import annotations

from pathlib import Path

from lab.machine_image import MachineImage

IMAGE = MachineImage(
    what="the databases' image",
    repository="kc-lab-mysql",
    recipe=Path(__file__).resolve().parent,
    suite="sid",
    command="/usr/sbin/mysqld",
    setting="LAB_MYSQL_IMAGE",
)
