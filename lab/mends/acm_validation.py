# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A certificate is PENDING_VALIDATION until its CNAME records can be seen in DNS.

On AWS a certificate is issued some time after the records are there. Their names and values come from the account and the domain:
they are the same in all regions, and a wildcard shares them with its apex. A moment passes after the request until they are known.
The emulator issues at once, whatever DNS says, so that waiting for validation proves nothing.
https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
"""

from __future__ import annotations

import hashlib
import json
import time

import ministack.services.acm as acm
from ministack.core.responses import get_account_id, now_iso

from lab.dns.snapshot import take, zones_of

SECONDS_TO_KNOW = 0.5
SECONDS_TO_ISSUE = 2.0
_AFTER_ISSUE = ("IssuedAt", "NotBefore", "NotAfter")


def _record(domain: str) -> dict[str, str]:
    base = domain.removeprefix("*.")
    digest = hashlib.sha256(f"{get_account_id()}/{base}".encode()).hexdigest()
    suffix = "".join(letter for letter in digest if letter.isalpha())[:10]
    return {
        "Name": f"_{digest[:32]}.{base}.",
        "Type": "CNAME",
        "Value": f"_{digest[32:]}.{suffix}.acm-validations.aws.",
    }


def _settle(certificate: dict) -> None:
    """Bring a pending certificate to where it is by now."""
    if certificate["Status"] != "PENDING_VALIDATION":
        return
    now = time.time()
    zones = zones_of(take())
    for option in certificate["DomainValidationOptions"]:
        if "ResourceRecord" not in option and now >= certificate["_requested"] + SECONDS_TO_KNOW:
            option["ResourceRecord"] = _record(option["DomainName"])
        record = option.get("ResourceRecord")
        seen = record is not None and zones.cname(record["Name"]) == record["Value"]
        option["_seen"] = (option.get("_seen") or now) if seen else None
    if all(
        option["_seen"] and now >= option["_seen"] + SECONDS_TO_ISSUE
        for option in certificate["DomainValidationOptions"]
    ):
        for option in certificate["DomainValidationOptions"]:
            option["ValidationStatus"] = "SUCCESS"
        certificate |= {"Status": "ISSUED", "IssuedAt": now_iso(), "NotBefore": now_iso()}


def mend() -> None:
    request, list_all, shape, get = (
        acm._request_certificate,
        acm._list_certificates,
        acm._cert_shape,
        acm._get_certificate,
    )

    def request_certificate(data):
        answer = request(data)
        if answer[0] != 200 or data.get("ValidationMethod") != "DNS":
            return answer
        certificate = acm._certificates.get(json.loads(answer[2])["CertificateArn"])
        if certificate is None or "_requested" in certificate:
            return answer  # the idempotency token led to an earlier request
        certificate |= {"Status": "PENDING_VALIDATION", "_requested": time.time()}
        for option in certificate["DomainValidationOptions"]:
            option["ValidationStatus"] = "PENDING_VALIDATION"
            del option["ResourceRecord"]
        return answer

    def list_certificates(data):
        for certificate in acm._certificates.values():
            _settle(certificate)
        return list_all(data)

    def certificate_shape(certificate):
        _settle(certificate)
        answer = shape(certificate)
        if answer["Status"] == "PENDING_VALIDATION":
            answer = {name: value for name, value in answer.items() if name not in _AFTER_ISSUE}
        answer["DomainValidationOptions"] = [
            {name: value for name, value in option.items() if not name.startswith("_")}
            for option in answer["DomainValidationOptions"]
        ]
        return answer

    def get_certificate(data):
        certificate = acm._get_local_certificate(data.get("CertificateArn", ""))
        if certificate is not None:
            _settle(certificate)
            if certificate["Status"] == "PENDING_VALIDATION":
                return acm.error_response_json(
                    "RequestInProgressException", "The certificate request is in progress.", 400
                )
        return get(data)

    acm._request_certificate, acm._list_certificates = request_certificate, list_certificates
    acm._cert_shape, acm._get_certificate = certificate_shape, get_certificate
