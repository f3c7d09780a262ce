# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A region's front answers only for its region, as a regional endpoint of AWS does.

Without this a playbook could reach a lost region through the other one's endpoint, and no test would notice.
"""

from __future__ import annotations

import re

_HEADER_SCOPE = re.compile(rb"Credential=[^/,\s]+/\d{8}/([a-z0-9-]+)/")
_QUERY_SCOPE = re.compile(rb"X-Amz-Credential=[^&]*?(?:%2F|/)\d{8}(?:%2F|/)([a-z0-9-]+)(?:%2F|/)", re.IGNORECASE)


def signed_region(scope: dict) -> str | None:
    """The region in a request's Signature Version 4 credential scope; None where the request is not signed."""
    for name, value in scope["headers"]:
        if name == b"authorization" and (found := _HEADER_SCOPE.search(value)):
            return found[1].decode()
    found = _QUERY_SCOPE.search(scope.get("query_string", b""))
    return found[1].decode() if found else None


async def refuse_wrong_region(send, signed_for: str, region: str) -> None:
    """Answer as S3 and most services of AWS do when the credential scope names another region."""
    message = f"The authorization header is malformed; the region '{signed_for}' is wrong; expecting '{region}'"
    body = (
        f"<Error><Code>AuthorizationHeaderMalformed</Code><Message>{message}</Message><Region>{region}</Region></Error>"
    ).encode()
    headers = [(b"content-type", b"application/xml"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body})
