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

from lab.emulator.state.zones import take, zones_of

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


def _begin(certificate: dict) -> None:
    """Take back what the emulator did at once."""
    certificate |= {"Status": "PENDING_VALIDATION", "_requested": time.time()}
    for option in certificate["DomainValidationOptions"]:
        option["ValidationStatus"] = "PENDING_VALIDATION"
        del option["ResourceRecord"]


def _visible(shape: dict) -> dict:
    """Return a description without what is not known yet, and without the notes of this patch."""
    hidden = _AFTER_ISSUE if shape["Status"] == "PENDING_VALIDATION" else ()
    shape = {name: value for name, value in shape.items() if name not in hidden}
    options = shape["DomainValidationOptions"]
    shape["DomainValidationOptions"] = [
        {name: value for name, value in option.items() if not name.startswith("_")} for option in options
    ]
    return shape


def apply() -> None:
    request, list_all = acm._request_certificate, acm._list_certificates
    shape, get = acm._cert_shape, acm._get_certificate

    def request_certificate(data):
        answer = request(data)
        if answer[0] == 200 and data.get("ValidationMethod") == "DNS":
            certificate = acm._certificates.get(json.loads(answer[2])["CertificateArn"])
            # An idempotency token leads to an earlier request, which may be under way or deleted.
            if certificate is not None and "_requested" not in certificate:
                _begin(certificate)
        return answer

    def list_certificates(data):
        for certificate in acm._certificates.values():
            _settle(certificate)
        return list_all(data)

    def certificate_shape(certificate):
        _settle(certificate)
        return _visible(shape(certificate))

    def get_certificate(data):
        certificate = acm._get_local_certificate(data.get("CertificateArn", ""))
        if certificate is not None:
            _settle(certificate)
            if certificate["Status"] == "PENDING_VALIDATION":
                return acm.error_response_json("RequestInProgressException", "The certificate is not issued yet.", 400)
        return get(data)

    acm._request_certificate, acm._list_certificates = request_certificate, list_certificates
    acm._cert_shape, acm._get_certificate = certificate_shape, get_certificate
