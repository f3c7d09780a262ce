# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run a step with a large asset in a separate process, and print its peak memory in MB: of the process and of its tools.

`python -m tests.support.media_large_asset STEP SCHEME FOLDER`: FOLDER contains `clear/film.mp4` to package, or `master.mov`
to encode.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from pathlib import Path
from typing import Any, BinaryIO

from media_server.packaging import package
from media_server.packaging.cmaf import Protection, package_cmaf
from media_server.packaging.hls_ts import package_hls
from media_server.packaging.ladder import Rung
from media_server.packaging.transcode import Encodings
from media_server.rotation.rewriting import Opened, Rewriting
from media_server.store import layout

KID, KEY, IV, NEW_KID, NEW_KEY = (bytes(range(start, start + 16)) for start in (0, 16, 32, 48, 64))
TENANT, ASSET = "acme", "film"
# The smallest encoding: only the source is large.
_LADDER = (240,)


class _Folder:
    """A bucket in a folder, with the operations that Rewriting uses."""

    def __init__(self, root: Path):
        self._root = root

    def get(self, key: str) -> tuple[bytes, str]:
        return (self._root / key).read_bytes(), ""

    def open(self, key: str) -> dict[str, Any]:
        return {"Body": (self._root / key).open("rb")}

    def create(self, key: str, body: bytes, _type: str | None) -> None:
        self._new(key).write_bytes(body)

    def upload(self, key: str, reader: BinaryIO, _type: str | None) -> None:
        with self._new(key).open("wb") as file:
            while chunk := reader.read(1 << 20):
                file.write(chunk)

    def _new(self, key: str) -> Path:
        file = self._root / key
        file.parent.mkdir(parents=True, exist_ok=True)
        return file


def version(folder: Path, number: int) -> Path:
    """Return the folder of a version's files."""
    return folder / layout.version_prefix(TENANT, ASSET, number)


def encode_and_package(scheme: str, folder: Path) -> None:
    """Do what a worker does with a downloaded upload."""
    package(folder / "master.mov", folder / "small", scheme=scheme, kid=KID, key=KEY, iv=IV, ladder=_LADDER)


def package_whole(scheme: str, folder: Path) -> None:
    """Package encodings of that size."""
    film, out = folder / "clear" / "film.mp4", folder / "packed"
    out.mkdir()
    encodings = Encodings([(Rung(1920, 1080, 25_000_000), film)], film)
    write = package_hls if scheme == "aes-128" else package_cmaf
    write(encodings, out, Protection(scheme, KID, KEY, IV))
    version(folder, 1).parent.mkdir(parents=True)
    out.rename(version(folder, 1))


def rekey(scheme: str, folder: Path) -> None:
    """Write a second version from the first."""
    rewriting = Rewriting(
        _Folder(folder), TENANT, ASSET, scheme, 1, 2, Opened(KID, IV, KEY), Opened(NEW_KID, IV, NEW_KEY)
    )
    first = version(folder, 1)
    for file in sorted(first.rglob("*")):
        if file.is_file():
            rewriting.write(str(file.relative_to(first)))


STEPS = {"encode_and_package": encode_and_package, "package": package_whole, "rekey": rekey}


def main(step: str, scheme: str, folder: Path) -> None:
    STEPS[step](scheme, folder)
    # Not ru_maxrss for this process: it includes the parent's at the time of the fork.
    (own_kib,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    tools_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"own_mb": round(int(own_kib) * 1024 / 1e6), "tools_mb": round(tools_kib * 1024 / 1e6)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
