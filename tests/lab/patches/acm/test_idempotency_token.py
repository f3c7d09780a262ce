# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """The same token is the same request, another token another one."""
    acm = clients("acm")

    def request(token: str) -> str:
        wanted = {"DomainName": "token.example", "ValidationMethod": "DNS", "IdempotencyToken": token}
        return acm.request_certificate(**wanted)["CertificateArn"]

    first = request("one")
    return request("one") == first and request("two") != first


def test_acm_idempotency_token(patched_only):
    patched_only("acm.idempotency_token", aws_behaviour)
