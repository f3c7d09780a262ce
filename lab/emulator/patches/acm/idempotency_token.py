# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""RequestCertificate with the same token within an hour is one request.

AWS answers the ARN of the first one. What it does where that certificate was deleted meanwhile is not documented: here the token is
remembered all the same, which is the worse case. The emulator makes a new certificate each time.
https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
"""

from __future__ import annotations

import json
import time

import ministack.services.acm as acm
from ministack.core.responses import get_account_id, get_region, json_response

_LIFETIME = 3600.0
_requests: dict[tuple[str, str, str], tuple[float, str]] = {}


def apply() -> None:
    request = acm._request_certificate

    def request_certificate(data):
        token = data.get("IdempotencyToken")
        if not token:
            return request(data)
        key = (get_account_id(), get_region(), token)
        requested, arn = _requests.get(key, (0.0, ""))
        if time.time() < requested + _LIFETIME:
            return json_response({"CertificateArn": arn})
        answer = request(data)
        if answer[0] == 200:
            _requests[key] = (time.time(), json.loads(answer[2])["CertificateArn"])
        return answer

    acm._request_certificate = request_certificate
