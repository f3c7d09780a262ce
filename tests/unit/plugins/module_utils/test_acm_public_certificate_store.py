# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate import store as module
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.model import (
    Options,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.store import (
    CertificateStore,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from botocore.exceptions import ClientError, EndpointConnectionError

WANTED = Wanted("learn.example", ("learn.example",), "me-west-1")
OPTIONS = Options()


class Region:
    """One region's ACM. `tokens` leads idempotency tokens to ARNs, `statuses` ARNs to what became of them."""

    def __init__(self):
        self.requests: list[dict] = []
        self.statuses: dict[str, str] = {}
        self.earlier: str | None = None
        self.error: Exception | None = None

    def request_certificate(self, **arguments) -> dict:
        if self.error:
            raise self.error
        self.requests.append(arguments)
        if self.earlier and len(self.requests) == 1:
            return {"CertificateArn": self.earlier}
        self.statuses["new"] = "PENDING_VALIDATION"
        return {"CertificateArn": "new"}

    def describe_certificate(self, *, CertificateArn: str) -> dict:  # noqa: N803
        if CertificateArn not in self.statuses:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "DescribeCertificate")
        status = self.statuses[CertificateArn]
        return {"Certificate": {"CertificateArn": CertificateArn, "Status": status, "DomainName": "learn.example"}}

    def list_tags_for_certificate(self, **_arguments) -> dict:
        return {"Tags": []}

    def get_paginator(self, _operation: str) -> Region:
        return self

    def paginate(self, **_arguments) -> list[dict]:
        if self.error:
            raise self.error
        names = {"DomainName": "learn.example"}
        return [{"CertificateSummaryList": [{"CertificateArn": arn} | names]} for arn in self.statuses]


@pytest.fixture
def region(monkeypatch) -> Region:
    monkeypatch.setattr(module, "_INTERVAL", 0)
    return Region()


def test_a_certificate_is_requested_once(region):
    CertificateStore(lambda _region: region).request(WANTED, OPTIONS)
    assert len(region.requests) == 1
    assert region.requests[0]["ValidationMethod"] == "DNS"


@pytest.mark.parametrize("status", [None, "FAILED", "EXPIRED"])
def test_a_token_that_leads_to_one_of_no_use_is_changed(region, status):
    region.earlier = "old"
    if status:
        region.statuses["old"] = status
    CertificateStore(lambda _region: region).request(WANTED, OPTIONS)
    tokens = [request["IdempotencyToken"] for request in region.requests]
    assert len(tokens) == len(set(tokens)) == 2


def test_a_quota_that_is_reached_says_how_to_raise_it(region):
    region.error = ClientError(
        {"Error": {"Code": "LimitExceededException", "Message": "too many"}}, "RequestCertificate"
    )
    with pytest.raises(
        PlatformError,
        match=r"quota of the account is reached.*too many.*request-service-quota-increase --region me-west-1",
    ):
        CertificateStore(lambda _region: region).request(WANTED, OPTIONS)


def test_a_region_that_does_not_answer_is_told(region):
    silent = Region()
    silent.error = EndpointConnectionError(endpoint_url="https://acm")
    region.statuses["a"] = "ISSUED"
    regions = {"me-west-1": region, "eu-central-1": silent}
    found, unreachable = CertificateStore(regions.__getitem__).read(regions, {"learn.example"})
    assert [certificate.arn for certificate in found] == ["a"]
    assert list(unreachable) == ["eu-central-1"]


def test_certificates_of_other_names_are_not_described():
    listed = {"DomainName": "a.example", "SubjectAlternativeNameSummaries": ["*.b.example"]}
    assert module._concerns(listed, {"b.example"})
    assert not module._concerns(listed, {"c.example"})
    assert module._concerns(listed | {"HasAdditionalSubjectAlternativeNames": True}, {"c.example"})


@pytest.mark.parametrize(
    ("described", "by_dns"),
    [
        ({}, True),
        ({"Type": "AMAZON_ISSUED", "DomainValidationOptions": [{"DomainName": "a", "ValidationMethod": "DNS"}]}, True),
        (
            {"Type": "AMAZON_ISSUED", "DomainValidationOptions": [{"DomainName": "a", "ValidationMethod": "EMAIL"}]},
            False,
        ),
        ({"Type": "IMPORTED"}, False),
        ({"Type": "PRIVATE"}, False),
    ],
)
def test_what_is_validated_by_dns(described, by_dns):
    answer = {"CertificateArn": "a", "Status": "ISSUED", "DomainName": "learn.example"} | described
    assert module._certificate(answer, "me-west-1", {}).by_dns is by_dns
