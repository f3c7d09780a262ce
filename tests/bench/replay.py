# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Play recorded API calls back against another lab, from one process with one connection a region.

It makes the calls that a playbook made and nothing else: what a hand-written boto3 script would cost at the least.
Identifiers that AWS draws differ in the second account: each answer is compared with the recorded one to learn them.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from tests.support.labs import Clients

_DRAWN = re.compile(
    r"\b(?:[a-z]{2,12}-[0-9a-f]{17}|mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b"
)
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/")
_SIGNED_ANEW = ("authorization", "x-amz-date", "x-amz-content-sha256", "host", "content-length", "x-amz-security-token")


@dataclass(frozen=True)
class Played:
    """How long it took, how many calls were made, and how many were answered with another status than recorded."""

    seconds: float
    calls: int
    differing: int


def recorded(file: Path, after: int = 0) -> list[dict]:
    """The signed calls in a recording, from line `after` on."""
    calls = [json.loads(line) for line in file.read_text().splitlines()[after:]]
    return [call for call in calls if _SCOPE.search(call["headers"].get("authorization", ""))]


def play(calls: list[dict], lab: Clients) -> Played:
    """Make the calls one after the other in `lab`."""
    key = lab.stack.operator_key()
    credentials = Credentials(key["access_key_id"], key["secret"])
    session = URLLib3Session(verify=str(lab.stack.settings.ca_certificate))
    endpoints = lab.stack.endpoints
    learned: dict[str, str] = {}
    differing = 0
    started = time.monotonic()
    for call in calls:
        answer = session.send(_request(call, endpoints[call["region"]], credentials, learned))
        differing += answer.status_code != call["status"]
        learned |= _learn(base64.b64decode(call["response"]).decode(errors="replace"), answer.text)
    return Played(time.monotonic() - started, len(calls), differing)


def _request(call: dict, endpoint: str, credentials: Credentials, learned: dict[str, str]):
    def translated(text: str) -> str:
        return _DRAWN.sub(lambda found: learned.get(found[0], found[0]), text)

    region, service = _SCOPE.search(call["headers"]["authorization"]).groups()
    headers = {name: value for name, value in call["headers"].items() if name not in _SIGNED_ANEW}
    # Latin 1 brings every byte back as it was: the runner's bundle is no text.
    body = translated(base64.b64decode(call["request"]).decode("latin-1")).encode("latin-1")
    query = f"?{translated(call['query'])}" if call["query"] else ""
    request = AWSRequest(call["method"], endpoint + translated(call["path"]) + query, headers, body)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(credentials, service, region).add_auth(request)
    return request.prepare()


def _learn(then: str, now: str) -> Iterator[tuple[str, str]] | dict[str, str]:
    before, after = _DRAWN.findall(then), _DRAWN.findall(now)
    return dict(zip(before, after, strict=True)) if len(before) == len(after) else {}
