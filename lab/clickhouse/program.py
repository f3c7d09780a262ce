# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""ClickHouse's own server, out of its container image where the Docker engine holds it.

The image's program is one file without libraries. Run as a process, it stands in a VPC's network like the lab's other servers.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from lab.processes import ProcessError
from lab.settings import CHECKOUT

_SETTING, _DEFAULT = "LAB_CLICKHOUSE_IMAGE", "clickhouse/clickhouse-server"
_IN_IMAGE = "/usr/bin/clickhouse"
_KEPT = CHECKOUT / ".build" / "clickhouse-server"


def program() -> Path | None:
    """Return the server's program, taken out of the image once; None where there is no such image. Raises ProcessError."""
    image = os.environ.get(_SETTING) or _DEFAULT
    found = _docker("image", "inspect", "--format", "{{.Id}}", image)
    if found.returncode:
        if os.environ.get(_SETTING):
            raise ProcessError(
                f"{_SETTING} names {image}, which the Docker engine doesn't hold: pull it, or unset the variable"
            )
        return None
    kept = _KEPT / found.stdout.strip().rpartition(":")[2][:12] / "clickhouse"
    if not kept.exists():
        _take_out(image, kept)
    return kept


def _take_out(image: str, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    made = _docker("create", image, "true")
    container = made.stdout.strip()
    new = kept.with_suffix(f".{os.getpid()}")
    copied = _docker("cp", f"{container}:{_IN_IMAGE}", str(new))
    _docker("rm", "--force", container)
    if made.returncode or copied.returncode:
        raise ProcessError(f"{image} has no {_IN_IMAGE}: {(made.stderr + copied.stderr).strip()}")
    new.replace(kept)


def _docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
