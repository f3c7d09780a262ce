# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Web ACLs and certificates as they are."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from tests.policies.template import Resource, chosen


def web_acls(wafv2: t.Any, prefix: str, scope: str) -> Iterator[Resource]:
    """The web ACLs whose names begin so: the region's (REGIONAL), or CloudFront's (CLOUDFRONT), which are in us-east-1."""
    for summary in wafv2.list_web_acls(Scope=scope)["WebACLs"]:
        if summary["Name"].startswith(prefix):
            acl = wafv2.get_web_acl(Scope=scope, **chosen(summary, "Name", "Id"))["WebACL"]
            properties = chosen(acl, "Name", "DefaultAction", "Rules", "VisibilityConfig") | {"Scope": scope}
            yield Resource("AWS::WAFv2::WebACL", acl["Name"], properties)


def certificates(acm: t.Any, prefix: str) -> Iterator[Resource]:
    """The certificates whose tag Name begins so, named by their domains."""
    for page in acm.get_paginator("list_certificates").paginate():
        for arn in (summary["CertificateArn"] for summary in page["CertificateSummaryList"]):
            tags = acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]
            if any(tag["Key"] == "Name" and tag["Value"].startswith(prefix) for tag in tags):
                certificate = acm.describe_certificate(CertificateArn=arn)["Certificate"]
                properties = chosen(certificate, "DomainName", "SubjectAlternativeNames", "KeyAlgorithm")
                yield Resource("AWS::CertificateManager::Certificate", certificate["DomainName"], properties)
