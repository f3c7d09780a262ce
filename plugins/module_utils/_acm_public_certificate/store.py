# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reads and writes certificates of any number of regions."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.model import (
    TTL,
    USABLE,
    Certificate,
    Options,
    TagWork,
    Wanted,
    base_of,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import (
    PlatformError,
    doing,
    error_code,
    explain,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import is_unavailable
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import RecordSet, absolute

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    BotoCoreError = ClientError = Exception

_INTERVAL = 1.0
_REQUESTED = "AMAZON_ISSUED"
_READS_OF_A_NEW_ONE = 4
# Without this ListCertificates returns RSA 2048 only.
KEY_ALGORITHMS = ("RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1")


class CertificateStore:
    """Read and write certificates. `client_for(region)` gives an ACM client."""

    def __init__(self, client_for: t.Callable[[str], t.Any]):
        self._client_for = client_for

    def read(
        self, regions: t.Iterable[str], bases: t.Collection[str]
    ) -> tuple[tuple[Certificate, ...], dict[str, str]]:
        """Read the certificates validated by one of the domains; return them, and the error of each region that doesn't answer."""
        names = list(dict.fromkeys(regions))
        for region in names:
            self._client_for(region)  # boto3 makes clients in one thread only
        unreachable = {}
        found: list[Certificate] = []
        answers = in_parallel(lambda region: self._read(region, bases), names)
        for region, answer in zip(names, answers, strict=True):
            if isinstance(answer, str):
                unreachable[region] = answer
            else:
                found += answer
        return tuple(found), unreachable

    def _read(self, region: str, bases: t.Collection[str]) -> list[Certificate] | str:
        client = self._client_for(region)
        with doing(f"read the certificates of {region}"):
            try:
                pages = client.get_paginator("list_certificates").paginate(Includes={"keyTypes": list(KEY_ALGORITHMS)})
                listed = [item for page in pages for item in page["CertificateSummaryList"] if _concerns(item, bases)]
                read = [self.describe(region, item["CertificateArn"]) for item in listed]
            except (BotoCoreError, ClientError) as error:
                if is_unavailable(error):
                    return explain(error)
                raise
        return [item for item in read if item is not None and item.bases & set(bases)]

    def describe(self, region: str, arn: str, *, with_tags: bool = True) -> Certificate | None:
        """Read a certificate; None where it is deleted, or not shown yet."""
        client = self._client_for(region)
        try:
            data = client.describe_certificate(CertificateArn=arn)["Certificate"]
            tags = client.list_tags_for_certificate(CertificateArn=arn)["Tags"] if with_tags else []
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise
        return _certificate(data, region, boto3_tag_list_to_ansible_dict(tags))

    def request(self, wanted: Wanted, options: Options) -> None:
        """Request a certificate. Where the token leads to one that was deleted or failed, request it with another token."""
        arn = self._request(wanted, wanted.token(options), options)
        if not self._can_be_used(wanted, arn):
            self._request(wanted, wanted.token(options, arn), options)

    def _request(self, wanted: Wanted, token: str, options: Options) -> str:
        others = [name for name in wanted.names if name != wanted.domain_name]
        arguments: dict[str, t.Any] = {"SubjectAlternativeNames": others} if others else {}
        if wanted.tags:
            arguments["Tags"] = ansible_dict_to_boto3_tag_list(dict(wanted.tags))
        with doing(f"request the {wanted.name}"):
            try:
                return self._client_for(wanted.region).request_certificate(
                    DomainName=wanted.domain_name,
                    ValidationMethod="DNS",
                    KeyAlgorithm=wanted.key_algorithm,
                    IdempotencyToken=token,
                    **arguments,
                )["CertificateArn"]
            except ClientError as error:
                if error_code(error) == "LimitExceededException":
                    raise PlatformError(_limit_reached(wanted, error)) from error
                raise

    def _can_be_used(self, wanted: Wanted, arn: str) -> bool:
        for _read in range(_READS_OF_A_NEW_ONE):
            with doing(f"read the {wanted.name}, which was just requested"):
                certificate = self.describe(wanted.region, arn, with_tags=False)
            if certificate is not None:
                return certificate.status in USABLE
            time.sleep(_INTERVAL)
        return False

    def tag(self, change: Change) -> None:
        """Set and remove the tags that the change says."""
        work: TagWork = change.data
        client, arn = self._client_for(work.certificate.region), work.certificate.arn
        with doing(f"tag the {change.resource}"):
            if work.to_remove:
                tags = [{"Key": key} for key in work.to_remove]
                client.remove_tags_from_certificate(CertificateArn=arn, Tags=tags)
            if work.to_set:
                tags = ansible_dict_to_boto3_tag_list(work.to_set)
                client.add_tags_to_certificate(CertificateArn=arn, Tags=tags)

    def delete(self, certificate: Certificate) -> None:
        """Delete a certificate."""
        with doing(f"delete the certificate {certificate.arn}"):
            try:
                self._client_for(certificate.region).delete_certificate(CertificateArn=certificate.arn)
            except ClientError as error:
                if error_code(error) != "ResourceNotFoundException":
                    raise


def _concerns(summary: t.Mapping[str, t.Any], bases: t.Collection[str]) -> bool:
    """Tell whether a certificate may be validated by one of the domains; one whose names are not all listed may be."""
    if summary.get("HasAdditionalSubjectAlternativeNames", "SubjectAlternativeNameSummaries" not in summary):
        return True
    names = [summary["DomainName"], *summary["SubjectAlternativeNameSummaries"]]
    return any(base_of(name) in bases for name in names)


def _certificate(data: t.Mapping[str, t.Any], region: str, tags: dict[str, str]) -> Certificate:
    records = {}
    for option in data.get("DomainValidationOptions", []):
        if record := option.get("ResourceRecord"):
            values = (absolute(record["Value"]),)
            records[base_of(option["DomainName"])] = RecordSet(absolute(record["Name"]), record["Type"], values, TTL)
    return Certificate(
        arn=data["CertificateArn"],
        region=region,
        status=data["Status"],
        domain_name=data["DomainName"],
        names=tuple(sorted({data["DomainName"], *data.get("SubjectAlternativeNames", [])})),
        # DescribeCertificate may return RSA-2048.
        key_algorithm=data.get("KeyAlgorithm", "").replace("-", "_"),
        tags=tags,
        in_use_by=tuple(data.get("InUseBy", [])),
        records=records,
        failure_reason=data.get("FailureReason", ""),
        by_dns=data.get("Type", _REQUESTED) == _REQUESTED
        and not any(option.get("ValidationMethod") == "EMAIL" for option in data.get("DomainValidationOptions", [])),
    )


def _limit_reached(wanted: Wanted, error: Exception) -> str:
    increase = (
        f"aws service-quotas request-service-quota-increase --region {wanted.region} --service-code acm --quota-code"
    )
    return (
        f"Could not request the {wanted.name}: a quota of the account is reached. {explain(error)} Delete certificates that "
        f"nothing uses, or ask for more: `{increase} L-F141DD1D --desired-value NUMBER` for certificates in {wanted.region}, "
        f"`{increase} L-FB94F0B0 --desired-value NUMBER` for names in one certificate. Then run again."
    )
