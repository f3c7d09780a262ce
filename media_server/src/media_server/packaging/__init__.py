# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Encode and encrypt an upload into segments, manifests and playlists."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from media_server.errors import ConflictError
from media_server.packaging import ladder as ladders
from media_server.packaging.cmaf import Protection, package_cmaf
from media_server.packaging.hls_ts import package_hls
from media_server.packaging.probe import probe
from media_server.packaging.transcode import transcode
from media_server.store.media_types import is_manifest

_PACKAGERS = {"cbcs": package_cmaf, "cenc": package_cmaf, "aes-128": package_hls}
SCHEMES = tuple(_PACKAGERS)

# The fraction of the work that is done after encoding.
_ENCODED = 0.95


def package(
    source: Path,
    out: Path,
    *,
    scheme: str,
    kid: bytes,
    key: bytes,
    iv: bytes,
    ladder: Sequence[int] | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> list[str]:
    """Encode and encrypt `source` into the folder `out`. Return the relative names of its files, playlists and manifests last.

    `scheme` is one of SCHEMES; `kid`, `key` and `iv` have 16 bytes; `ladder` lists heights (1080, 720, ...). `iv` is used for
    each segment of HLS AES-128 and each subsample of cbcs; cenc generates its own. `on_progress` gets the finished fraction
    about twice a second; an error that it raises ends the work. Playlists contain `key_uri(kid)` as the key's URI.

    `out` must be absent or empty, and appears only when it is complete. Meanwhile clear files are in a folder beside it that
    only this user can open. Raise UnprocessableError if the source can't be packaged, BadInputError for an unknown ladder,
    UnavailableError if the tools or the host fail (to be retried), ConflictError if `out` is not empty.
    """
    _check(scheme, kid, key, iv, out)
    tell = on_progress or (lambda part: None)
    found = probe(source, lambda: tell(0.0))
    rungs = ladders.rungs(found.width, found.height, found.rate, ladder) if found.video_index is not None else []
    staging = Path(tempfile.mkdtemp(prefix=".packaging-", dir=out.parent))
    try:
        clear, packed = staging / "clear", staging / "packed"
        clear.mkdir()
        packed.mkdir()
        encodings = transcode(source, found, rungs, clear, lambda part: tell(_ENCODED * part))
        _PACKAGERS[scheme](encodings, packed, Protection(scheme, kid, key, iv), lambda: tell(_ENCODED))
        files = _names(packed)
        packed.rename(out)
    finally:
        shutil.rmtree(staging)
    tell(1.0)
    return files


def _check(scheme: str, kid: bytes, key: bytes, iv: bytes, out: Path) -> None:
    if scheme not in _PACKAGERS or any(len(value) != 16 for value in (kid, key, iv)):
        raise ValueError(f"the scheme must be one of {', '.join(SCHEMES)}; key id, key and IV have 16 bytes each")
    if out.is_symlink() or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
        raise ConflictError("folder-not-empty", "the output folder is not empty")


def _names(folder: Path) -> list[str]:
    """Return the names of the files, manifests last: a player that finds a manifest must find all files it references."""
    names = (str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    return sorted(names, key=lambda name: (is_manifest(name), name))
