# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Re-encrypt the files of a version, from the encrypted files of another."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field

from media_server.errors import NotFoundError, UnprocessableError
from media_server.rekey import Track, read_track, rekey_init, rekey_manifest, rekey_segment, rekey_stream
from media_server.store import layout
from media_server.store.media_types import content_type, is_manifest
from media_server.store.objects import PART_BYTES, ObjectStore

_INIT = "init.mp4"


def is_init(name: str) -> bool:
    """Return whether a file is an init segment."""
    return name.rpartition("/")[2] == _INIT


def init_of(name: str) -> str:
    """Return the init segment of a media segment, which is in the same folder."""
    return name.rpartition("/")[0] + f"/{_INIT}" if "/" in name else _INIT


@dataclass(frozen=True)
class Opened:
    """An unwrapped content key of a version."""

    kid: bytes
    iv: bytes
    key: bytes = field(repr=False)


@dataclass
class Rewriting:
    """Writes version `target` of an asset from version `source`. Existing files are complete, and are not written again."""

    objects: ObjectStore
    tenant: str
    asset: str
    scheme: str
    source: int
    target: int
    old: Opened
    new: Opened
    _tracks: dict[str, Track] = field(default_factory=dict)

    def _name(self, version: int, file: str) -> str:
        return layout.media_file(self.tenant, self.asset, version, file)

    def write(self, file: str) -> int:
        """Write a file unless it exists, and return its size in bytes.

        Raise TamperedError, or UnprocessableError if the source is missing.
        """
        try:
            if self.scheme == "aes-128" and not is_manifest(file):
                return self._write_stream(file)
            body = self._rewritten(file, self.objects.get(self._name(self.source, file))[0])
        except NotFoundError:
            message = f"File {file} of version {self.source} is missing."
            raise UnprocessableError("missing-file", message) from None
        self.objects.create(self._name(self.target, file), body, content_type(file))
        return len(body)

    def _rewritten(self, file: str, body: bytes) -> bytes:
        if is_manifest(file):
            return rekey_manifest(body.decode(), self.old.kid, self.new.kid).encode()
        if is_init(file):
            return rekey_init(body, self.new.kid)
        return rekey_segment(body, self._track(init_of(file)), self.old.key, self.new.key)

    def _track(self, init: str) -> Track:
        if init not in self._tracks:
            self._tracks[init] = read_track(self.objects.get(self._name(self.source, init))[0])
        return self._tracks[init]

    def _write_stream(self, file: str) -> int:
        answer = self.objects.open(self._name(self.source, file))
        with tempfile.SpooledTemporaryFile(max_size=PART_BYTES) as changed:
            size = rekey_stream(answer["Body"], changed, self.old.key, self.old.iv, self.new.key, self.new.iv)
            changed.seek(0)
            self.objects.upload(self._name(self.target, file), changed, content_type(file))
        return size
