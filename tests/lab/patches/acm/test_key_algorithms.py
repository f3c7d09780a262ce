# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """A certificate with an elliptic curve key says so, and is listed only to those who ask for such keys."""
    acm = clients("acm")
    wanted = {"DomainName": "keys.example", "ValidationMethod": "DNS", "KeyAlgorithm": "EC_prime256v1"}
    arn = acm.request_certificate(**wanted)["CertificateArn"]

    def listed(**filters) -> bool:
        found = acm.list_certificates(**filters)["CertificateSummaryList"]
        return arn in [summary["CertificateArn"] for summary in found]

    algorithm = acm.describe_certificate(CertificateArn=arn)["Certificate"]["KeyAlgorithm"]
    return (
        algorithm == "EC_prime256v1" and not listed() and listed(Includes={"keyTypes": ["RSA_2048", "EC_prime256v1"]})
    )


def test_acm_key_algorithms(patched_only):
    patched_only("acm.key_algorithms", aws_behaviour)
