# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A certificate has the key algorithm that was asked for, and only RSA 2048 is listed by default.

On AWS ListCertificates leaves certificates with other keys out unless `Includes.keyTypes` names them. The emulator calls every
certificate RSA_2048 and lists all.
https://docs.aws.amazon.com/acm/latest/APIReference/API_Filters.html
"""

from __future__ import annotations

import json

import ministack.services.acm as acm

_DEFAULT = "RSA_2048"


def apply() -> None:
    request, list_all, shape = acm._request_certificate, acm._list_certificates, acm._cert_shape

    def request_certificate(data):
        answer = request(data)
        if answer[0] == 200 and (certificate := acm._certificates.get(json.loads(answer[2])["CertificateArn"])):
            certificate.setdefault("KeyAlgorithm", data.get("KeyAlgorithm", _DEFAULT))
        return answer

    def certificate_shape(certificate):
        answer = shape(certificate)
        return answer | {"KeyAlgorithm": certificate.get("KeyAlgorithm", _DEFAULT)}

    def list_certificates(data):
        answer = list_all(data)
        wanted = (data.get("Includes") or {}).get("keyTypes") or [_DEFAULT]
        body = json.loads(answer[2])
        body["CertificateSummaryList"] = [
            summary
            for summary in body["CertificateSummaryList"]
            if acm._certificates[summary["CertificateArn"]].get("KeyAlgorithm", _DEFAULT) in wanted
        ]
        return answer[0], answer[1], json.dumps(body).encode()

    acm._request_certificate, acm._list_certificates, acm._cert_shape = (
        request_certificate,
        list_certificates,
        certificate_shape,
    )
