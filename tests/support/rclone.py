# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""rclone, the yardstick of copies to and from an S3: set up by variables alone, so that it reads and leaves no file."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from lab.settings import CHECKOUT

_PROGRAM = CHECKOUT / ".build" / "clickhouse" / "bin" / "rclone"
_TRANSFERS = 16  # as many as the engine has threads for a backup


@dataclass(frozen=True)
class Rclone:
    """One S3 as rclone sees it."""

    endpoint: str
    region: str
    access_key_id: str
    secret: str = field(repr=False)
    ca_certificate: Path

    def up(self, folder: Path, place: str) -> None:
        """Copy a folder's files to `place`, BUCKET/PREFIX."""
        self._copy(str(folder), f"s3:{place}")

    def down(self, place: str, folder: Path) -> None:
        """Copy what is below `place`, BUCKET/PREFIX, into a folder."""
        self._copy(f"s3:{place}", str(folder))

    def _copy(self, source: str, target: str) -> None:
        remote = {
            "TYPE": "s3",
            "PROVIDER": "Other",
            "NO_CHECK_BUCKET": "true",  # else it creates the bucket that is there
            "REGION": self.region,
            "ENDPOINT": self.endpoint,
            "ACCESS_KEY_ID": self.access_key_id,
            "SECRET_ACCESS_KEY": self.secret,
        }
        variables = {f"RCLONE_CONFIG_S3_{name}": value for name, value in remote.items()}
        options = ["--transfers", str(_TRANSFERS), "--no-traverse", "--ignore-times"]
        options += ["--ca-cert", str(self.ca_certificate), "--config", os.devnull]
        subprocess.run(
            [str(_PROGRAM), "copy", source, target, *options],
            check=True,
            env={"PATH": os.environ["PATH"], "HOME": os.devnull, **variables},
        )
