# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Stream objects from S3, whole or one range, and resume when the connection to S3 breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from starlette.responses import Response, StreamingResponse

from media_server.errors import MediaError
from media_server.store.objects import ObjectStore
from media_server.store.retries import error_code

CHUNK_BYTES = 256 * 1024
_RESUMED = 3
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@dataclass(frozen=True)
class Range:
    """The bytes `first` to `last`; without `first` the last `last` bytes."""

    first: int | None
    last: int | None


def parse_range(header: str | None) -> Range | None:
    """Parse a Range header. Return None for one that must be ignored (RFC 9110, section 14.2)."""
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or found[1] == found[2] == "":
        return None
    first, last = (int(part) if part else None for part in found.groups())
    if first is not None and last is not None and last < first:
        return None
    return Range(first, last)


def object_response(objects: ObjectStore, key: str, media_type: str, header: str | None, cache: str) -> Response:
    """Return the object, or the range requested by the header `Range`."""
    requested = parse_range(header)
    if requested is not None and requested.first is None:
        size = objects.head(key)["ContentLength"]
        requested = Range(max(0, size - (requested.last or 0)), size - 1)
    opened = _open(objects, key, requested)
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(opened["ContentLength"]), "Cache-Control": cache}
    if "ContentRange" in opened:
        headers["Content-Range"] = opened["ContentRange"]
    first = (requested.first or 0) if requested else 0
    body = _chunks(objects, key, opened, first)
    return StreamingResponse(body, 206 if "ContentRange" in opened else 200, headers, media_type)


def _open(objects: ObjectStore, key: str, requested: Range | None) -> dict[str, Any]:
    try:
        return objects.open(key, *((requested.first, requested.last) if requested else (None, None)))
    except ClientError as error:
        if error_code(error) in ("InvalidRange", "416"):
            raise MediaError(416, "bad-range", "The range is beyond the end of the file.") from error
        raise


def _chunks(objects: ObjectStore, key: str, opened: dict[str, Any], first: int) -> Iterator[bytes]:
    body, at, end, resumed = opened["Body"], first, first + opened["ContentLength"], 0
    try:
        while at < end:
            try:
                chunk = body.read(min(CHUNK_BYTES, end - at))
            except (BotoCoreError, OSError):
                chunk = b""
            if chunk:
                at += len(chunk)
                yield chunk
                continue
            # Versions are immutable, so the rest can be read later.
            resumed += 1
            if resumed > _RESUMED:
                raise MediaError(502, "source-broken", "The connection to S3 broke repeatedly.")
            body.close()
            body = objects.open(key, at, end - 1)["Body"]
    finally:
        body.close()
