# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A player in a process: plays random assets through the media server, as a client does, until it is stopped.

HLS AES-128 segments are decrypted by openssl and compared with the original bytes; CMAF by ffmpeg, with the hashes of its
frames. A session continues with the version in its manifest. Reads a JSON object from standard input; the next line ends it.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import select
import socket
import ssl
import sys
import tempfile
import time
import uuid
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import jwt

from tests.media.outside import frame_hashes
from tests.support.media_content import SEGMENTS, clear_segment, openssl_cbc

_KEY = re.compile(r'#EXT-X-KEY:METHOD=AES-128,URI="([^"]+)",IV=0x([0-9a-fA-F]+)')


class Player:
    """Plays as the settings say: `url`, `port`, `ca`, `token_keys`, `assets`, `seed`, and `frames` with the hashes by CMAF
    asset.

    `pause_s` is the pause between two sessions, in seconds.
    """

    def __init__(self, settings: dict):
        self._settings = settings
        self._trust = ssl.create_default_context(cafile=settings["ca"])
        self._draw = random.Random(settings["seed"])
        self._folder = Path(tempfile.mkdtemp(prefix="player-"))
        self.counts: Counter[str] = Counter()
        self.errors: list[str] = []

    def play(self) -> None:
        """Play one session."""
        tenant, asset = self._draw.choice(self._settings["assets"])
        token = self._token(tenant, asset)
        try:
            name = f"{tenant}/{asset}"
            (self._play_cmaf if name in self._settings["frames"] else self._play_hls)(tenant, asset, token)
            self.counts["sessions"] += 1
        except Exception as error:
            self.counts["failed"] += 1
            self.errors.append(f"{tenant}/{asset}: {type(error).__name__}: {error}"[:300])

    def _token(self, tenant: str, asset: str) -> str:
        keys, now = self._settings["token_keys"], int(time.time())
        claims = {
            "aud": "playback",
            "tenant": tenant,
            "asset": asset,
            "jti": uuid.uuid4().hex,
            "iat": now,
            "exp": now + 500,
        }
        kid = keys["current"]
        return jwt.encode(claims, b64decode(keys["keys"][kid]), algorithm="HS256", headers={"kid": kid})

    def get(self, url: str, body: bytes | None = None) -> bytes:
        """Send one request, without a retry: a failed request of a player is a failed segment."""
        parts = urlsplit(url)
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=60)
        line = socket.create_connection(("127.0.0.1", self._settings["port"]), timeout=60)
        connection.sock = self._trust.wrap_socket(line, server_hostname=parts.hostname)
        try:
            headers = {"Content-Type": "application/json"} if body else {}
            connection.request("POST" if body else "GET", f"{parts.path}?{parts.query}", body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{parts.path}: {answer.status} {content[:200]!r}")
        return content

    def _entry(self, tenant: str, asset: str, token: str) -> tuple[str, str]:
        url = f"{self._settings['url']}/v1/play/{tenant}/{asset}/master.m3u8?token={token}"
        return url, self.get(url).decode()

    def _play_hls(self, tenant: str, asset: str, token: str) -> None:
        url, master = self._entry(tenant, asset, token)
        url = urljoin(url, _addresses(master)[0])
        playlist = self.get(url).decode()
        found = _KEY.search(playlist)
        if found is None:
            raise RuntimeError("the playlist names no key")
        key = self.get(urljoin(url, found[1]))
        for name, address in zip(SEGMENTS, _addresses(playlist), strict=True):
            self.counts["segments"] += 1
            clear = openssl_cbc(self.get(urljoin(url, address)), key, bytes.fromhex(found[2]), decrypt=True)
            if clear != clear_segment(f"{tenant}/{asset}/{name}"):
                self.counts["wrong"] += 1
                self.errors.append(f"{tenant}/{asset}/{name}: wrong segment")

    def _play_cmaf(self, tenant: str, asset: str, token: str) -> None:
        url, master = self._entry(tenant, asset, token)
        address = next(item for item in _addresses(master) if "video" in item)
        url = urljoin(url, address)
        playlist = self.get(url).decode()
        init = re.search(r'#EXT-X-MAP:URI="([^"]+)"', playlist)
        if init is None:
            raise RuntimeError("the playlist names no init segment")
        parts = [self.get(urljoin(url, item)) for item in (init[1], *_addresses(playlist))]
        self.counts["segments"] += len(parts) - 1
        kid = parts[0][parts[0].index(b"tenc") + 12 :][:16]
        track = self._folder / "track.mp4"
        track.write_bytes(b"".join(parts))
        hashes = frame_hashes(track, self._licence(kid, token))
        if hashes != self._settings["frames"][f"{tenant}/{asset}"]:
            self.counts["wrong"] += 1
            self.errors.append(f"{tenant}/{asset}: other frames")

    def _licence(self, kid: bytes, token: str) -> bytes:
        asked = json.dumps({"kids": [urlsafe_b64encode(kid).rstrip(b"=").decode()], "type": "temporary"}).encode()
        url = f"{self._settings['url']}/v1/licence/clearkey?token={token}"
        key = json.loads(self.get(url, asked))["keys"][0]["k"]
        return urlsafe_b64decode(key + "==")


def _addresses(playlist: str) -> list[str]:
    return [line for line in playlist.splitlines() if line and not line.startswith("#")]


def main() -> None:
    settings = json.loads(sys.stdin.readline())
    player = Player(settings)
    while not select.select([sys.stdin], [], [], settings["pause_s"])[0]:
        player.play()
    print(json.dumps({"counts": player.counts, "errors": player.errors[:10]}))


if __name__ == "__main__":
    main()
