# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Refuse requests that were signed for another region, as a regional endpoint of AWS does.

Without this a playbook could reach a lost region through the other one's endpoint, and no test would notice.
Signature Version 4's credential scope names region and service:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_HEADER_SCOPE = re.compile(rb"Credential=[^/,\s]+/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/")
_QUERY_SCOPE = re.compile(
    rb"X-Amz-Credential=[^&]*?(?:%2F|/)\d{8}(?:%2F|/)([a-z0-9-]+)(?:%2F|/)([a-z0-9-]+)(?:%2F|/)", re.IGNORECASE
)


@dataclass(frozen=True)
class SignedScope:
    """What a request was signed for."""

    region: str
    service: str


def signed_scope(scope: dict) -> SignedScope | None:
    """Return the credential scope of an ASGI request; None where the request is not signed."""
    found = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            found = _HEADER_SCOPE.search(value)
    found = found or _QUERY_SCOPE.search(scope.get("query_string", b""))
    return SignedScope(found[1].decode(), found[2].decode()) if found else None


async def refuse(scope: dict, send, signed: SignedScope, region: str) -> None:
    """Refuse a request that was signed for another region, in the words and the protocol of its service."""
    content_type, body = _answer(scope, signed, region)
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 400 if signed.service == "s3" else 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _answer(scope: dict, signed: SignedScope, region: str) -> tuple[bytes, bytes]:
    message = f"Credential should be scoped to a valid region, not '{signed.region}': this is the endpoint of {region}."
    request_type = dict(scope["headers"]).get(b"content-type", b"")
    if request_type.startswith(b"application/x-amz-json"):
        return request_type, json.dumps({"__type": "InvalidSignatureException", "message": message}).encode()
    match signed.service:
        case "s3":
            fault = f"the region '{signed.region}' is wrong; expecting '{region}'"
            body = (
                "<Error><Code>AuthorizationHeaderMalformed</Code>"
                f"<Message>The authorization header is malformed; {fault}</Message><Region>{region}</Region></Error>"
            )
        case "ec2":
            body = (
                f"<Response><Errors><Error><Code>AuthFailure</Code><Message>{message}</Message></Error></Errors>"
                "<RequestID>lab</RequestID></Response>"
            )
        case _:
            body = (
                "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code>"
                f"<Message>{message}</Message></Error><RequestId>lab</RequestId></ErrorResponse>"
            )
    return b"text/xml", body.encode()
