# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Turn a region's responses into problems that a newcomer understands. Pure functions, no client."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._answers import Answer
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.capabilities import (
    Capability,
    Needs,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.errors import (
    certificate_refused,
    is_clock,
    is_credentials,
    is_denied,
    is_network,
    message_of,
    status_of,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.findings import (
    Problem,
    did_you_mean,
    joined,
)

NOT_ENABLED = "not-opted-in"
_TAKEN, _FREE = 403, 404
CREDENTIALS = "AWS credentials (AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)"
_LOGIN = (
    "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws sts get-caller-identity` must then answer."
)


@dataclasses.dataclass(frozen=True)
class Observed:
    """A region's response about the caller and, where it could be asked, about all regions (name to opt-in status)."""

    account: str
    arn: str
    regions: t.Mapping[str, str] = dataclasses.field(default_factory=dict)


def standing(
    needs: Needs, own: Answer, fallbacks: t.Mapping[str, Answer], endpoint: str | None
) -> tuple[list[Problem], bool]:
    """Judge whether the region can be used: its problems, and whether to ask it for its capabilities.

    ``own`` is the region's own answer (an `Observed`), ``fallbacks`` those of other regions, asked where it gave none: they know
    whether the credentials are good and the region exists and is enabled. ``endpoint`` is its entry in the settings.
    """
    responses = [own, *fallbacks.values()]
    observed = next((response.value for response in responses if response.good), None)
    if observed is None:
        return _unanswered(needs, responses, endpoint), False
    findings = [*_account(needs, observed), *_enabled(needs, observed)]
    if not findings and not own.good:
        findings = [_region_refuses(needs.region, own.error, endpoint)]
    return findings, not findings


def _unanswered(needs: Needs, responses: t.Sequence[Answer], endpoint: str | None) -> list[Problem]:
    own = responses[0]
    refusal = next((response.error for response in responses if is_credentials(response.error)), None)
    findings = [credentials_refused(refusal)] if refusal else []
    if not is_credentials(own.error):
        findings.append(_region_refuses(needs.region, own.error, endpoint))
    return findings


def credentials_refused(error: Exception) -> Problem:
    """Return the problem of credentials that are missing, wrong or expired."""
    if is_clock(error):
        return Problem(
            "the clock of this machine", f"is too far from AWS's ({message_of(error)}).", "Let it follow a time server."
        )
    return Problem(CREDENTIALS, f"are not accepted ({message_of(error)}).", _LOGIN)


def two_credentials(profile: str) -> Problem:
    """Find a profile beside a key: amazon.aws refuses to choose between them."""
    return Problem(
        CREDENTIALS,
        f"are given twice: as the profile {profile}, and as an access key.",
        "Unset AWS_PROFILE, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.",
    )


def _account(needs: Needs, observed: Observed) -> t.Iterator[Problem]:
    if needs.account_id and observed.account != needs.account_id:
        yield Problem(
            "platform_account_id",
            f"is {needs.account_id}, but the credentials belong to the account {observed.account} ({observed.arn}).",
            "Use this environment's credentials (AWS_PROFILE), or correct platform_account_id.",
        )


def _enabled(needs: Needs, observed: Observed) -> t.Iterator[Problem]:
    setting = f"platform_regions['{needs.region}']"
    if observed.regions and needs.region not in observed.regions:
        yield Problem(
            setting,
            f"AWS has no region {needs.region}.{did_you_mean(needs.region, observed.regions)}",
            "Correct the name in platform_regions; `aws ec2 describe-regions --all-regions` lists all.",
        )
    elif observed.regions.get(needs.region) == NOT_ENABLED:
        yield Problem(
            setting,
            f"the region {needs.region} is not enabled in the account {observed.account}.",
            f"`aws account enable-region --region-name {needs.region}`, which takes minutes to hours, or choose another.",
        )


def _region_refuses(region: str, error: Exception | None, endpoint: str | None) -> Problem:
    """Explain why a region that is enabled, as far as known, refuses requests."""
    setting = f"platform_endpoints['{region}']" if endpoint else f"AWS endpoint of {region}"
    address = f"at {endpoint} " if endpoint else ""
    fix = (
        "Correct the URL" if endpoint else f"Check the network, DNS and proxy between this machine and AWS in {region}"
    )
    if certificate_refused(error):
        return Problem(
            setting,
            f"the API {address}has a TLS certificate that this machine doesn't trust ({message_of(error)}).",
            f"{fix}, or name the certificate authority in AWS_CA_BUNDLE.",
        )
    if is_network(error):
        return Problem(
            setting,
            f"the API {address}does not answer ({message_of(error)}).",
            f"{fix}; to work on the other region alone while this one is lost, run with --limit.",
        )
    if is_credentials(error):
        return Problem(
            CREDENTIALS,
            f"are not accepted in {region} ({message_of(error)}), but they are elsewhere.",
            "Session tokens of the global STS endpoint don't work in regions that were enabled by hand: set "
            "AWS_STS_REGIONAL_ENDPOINTS=regional and log in again. A region enabled just now needs minutes.",
        )
    return Problem(setting, f"the API {address}answered {message_of(error)}.", f"{fix}.")


def capability_findings(name: str, capability: Capability, answer: Answer, needs: Needs) -> list[Problem]:
    """Return the problems in the answer of one probe."""
    if answer.good:
        return list(capability.judge(answer.value, needs))
    if is_denied(answer.error):
        return [
            Problem(
                f"permission {capability.action}",
                f"the credentials may not ask {capability.title} ({message_of(answer.error)}).",
                f"Allow the operator's role {capability.action}.",
            )
        ]
    asked = f"{capability.service}.{capability.operation}"
    if is_network(answer.error):
        return [
            Problem(
                f"{capability.title} in {needs.region}",
                f"does not answer ({asked}: {message_of(answer.error)}), though the region does.",
                "AWS may not offer it there: choose another region. Otherwise check the network and proxy to its endpoint.",
            )
        ]
    return [
        Problem(
            f"{capability.title} in {needs.region}",
            f"can't be used ({asked} answered {message_of(answer.error)}).",
            f"See AWS's Health Dashboard; `{name}` can be left out of preflight_capabilities if it isn't needed.",
        )
    ]


def bucket_findings(answers: t.Mapping[str, Answer], needs: Needs) -> t.Iterator[Problem]:
    """Find bucket names that are taken by others. HeadBucket's errors have no body, only a status."""
    taken = [name for name, answer in answers.items() if status_of(answer.error) == _TAKEN]
    if taken:
        yield Problem(
            "platform_name",
            f"leads to bucket names that another account has taken: {joined(taken)} (HeadBucket answered {_TAKEN}).",
            "Choose another platform_name: bucket names are shared by all accounts. If these buckets are yours, allow the "
            "operator's role s3:ListBucket.",
        )
    lost = [name for name, answer in answers.items() if is_network(answer.error)]
    if lost:
        yield Problem(
            f"S3 in {needs.region}",
            f"does not answer (s3.head_bucket of {joined(lost)}), though the region does.",
            "Check the network and proxy to its endpoint.",
        )
    for name, answer in answers.items():
        elsewhere = answer.value.get("BucketRegion", needs.region) != needs.region if answer.good else False
        odd = not answer.good and name not in taken + lost and status_of(answer.error) != _FREE
        if elsewhere or odd:
            fault = (
                f"it is in {answer.value['BucketRegion']}"
                if elsewhere
                else f"HeadBucket answered {message_of(answer.error)}"
            )
            yield Problem(
                "platform_name",
                f"leads to the bucket name {name}, which can't be used in {needs.region}: {fault}.",
                "Choose another platform_name, or remove that bucket.",
            )
