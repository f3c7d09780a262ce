# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A client of the media servers for use inside a VPC, with Python only: `media_client.py upload|play NAME ADDRESS`.

It reads JSON from standard input (`tokens`, `asset`, `tenant`, for an upload `source` in base64) and prints the responses. It
connects to ADDRESS and expects a certificate for NAME; S3 is reached by its own names.
"""

import base64
import http.client
import json
import socket
import ssl
import sys
import time
import urllib.error
import urllib.request

PACKAGED_WITHIN = 180.0  # seconds


class Named(http.client.HTTPSConnection):
    """Connects to an address, and expects the certificate of a name."""

    def __init__(self, name: str, address: str):
        self._trust, self._address = ssl.create_default_context(), address
        super().__init__(name, context=self._trust, timeout=30)

    def connect(self) -> None:
        line = socket.create_connection((self._address, 443), self.timeout)
        self.sock = self._trust.wrap_socket(line, server_hostname=self.host)


def ask(server: tuple[str, str], method: str, path: str, token: str = "", body: object = None) -> tuple[int, str]:
    connection = Named(*server)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if body is not None:
        headers["Content-Type"] = "application/json"
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def expect(status: int, answer: tuple[int, str]) -> dict:
    if answer[0] != status:
        sys.exit(f"{answer[0]} instead of {status}: {answer[1]}")
    return json.loads(answer[1])


def put(url: str, part: bytes) -> None:
    """Send a part to S3 with its presigned URL."""
    try:
        urllib.request.urlopen(urllib.request.Request(url, part, method="PUT"), timeout=60).close()
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.code} of S3: {error.read().decode()}")


def upload(server: tuple[str, str], told: dict) -> dict:
    """Upload a source in parts, and wait until it is packaged or has failed."""
    tenant, asset, tokens = told["tenant"], told["asset"], iter(told["tokens"])
    source = base64.b64decode(told["source"])
    wanted = {"tenant": tenant, "asset": asset, "scheme": "cbcs", "size": len(source), "title": "Bars"}
    begun, at = expect(201, ask(server, "POST", "/v1/assets", next(tokens), wanted)), 0
    for part in begun["upload"]["parts"]:
        put(part["url"], source[at : at + part["size"]])
        at += part["size"]
    expect(202, ask(server, "POST", f"/v1/assets/{tenant}/{asset}/complete", next(tokens)))
    token, until = next(tokens), time.monotonic() + PACKAGED_WITHIN
    while True:
        found = expect(200, ask(server, "GET", f"/v1/assets/{tenant}/{asset}", token))
        if found["state"] in ("ready", "failed") or time.monotonic() > until:
            return found
        time.sleep(1)


def play(server: tuple[str, str], told: dict) -> dict:
    """Return the manifests that a viewer gets."""
    path = f"/v1/assets/{told['tenant']}/{told['asset']}/playback-token"
    allowed = expect(200, ask(server, "POST", path, told["tokens"][0], {}))
    manifests = {}
    for kind, url in allowed["manifests"].items():
        status, text = ask(server, "GET", url.partition(server[0])[2])
        manifests[kind] = text if status == 200 else f"{status}: {text}"
    return manifests


if __name__ == "__main__":
    action = {"upload": upload, "play": play}[sys.argv[1]]
    print(json.dumps(action((sys.argv[2], sys.argv[3]), json.load(sys.stdin))))
