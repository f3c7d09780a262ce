# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Ask a region, and others where it gives no answer, what must be known before a platform is built there."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._answers import (
    Answer,
    Questions,
    ask_all,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.capabilities import (
    CAPABILITIES,
    QUOTAS,
    Needs,
    quota_findings,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.errors import is_unsent
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.findings import Problem
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.judgement import (
    Observed,
    bucket_findings,
    capability_findings,
    standing,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.owners import (
    key_tags,
    overlap_findings,
    owner_findings,
    platforms,
    role_tags,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.rights import (
    missing,
    principal_of,
    questions,
    rights_findings,
)

# The region itself has this long to answer before others are asked about it.
_HEAD_START = 3.0

ClientFor = t.Callable[[str, str], t.Any]


@dataclasses.dataclass
class Survey:
    """Ask about one region. ``client_for(service, region)`` gives boto3 clients, made in the calling thread only."""

    client_for: ClientFor
    needs: Needs
    fallbacks: t.Sequence[str]
    endpoint: str | None
    timeout: float
    iam_region: str = "us-east-1"

    def run(self, capabilities: t.Sequence[str]) -> tuple[list[Problem], dict[str, t.Any]]:
        """Return the problems and the facts of the region."""
        own, fallbacks = self._observe_all()
        findings, usable = standing(self.needs, own, fallbacks, self.endpoint)
        facts = self._facts(own, fallbacks)
        if usable:
            found, more = self._probe(capabilities, facts["caller"])
            findings += found
            facts |= more
        return findings, facts

    def _observe(self, region: str) -> t.Callable[[], Observed]:
        """Ask ``region`` who the caller is and which regions there are."""
        sts, ec2 = self.client_for("sts", region), self.client_for("ec2", region)

        def ask() -> Observed:
            identity = sts.get_caller_identity()
            try:
                listed = ec2.describe_regions(AllRegions=True)["Regions"]
            except Exception:  # refused or not offered: the caller is known, the capability `ec2` says the rest
                listed = []
            regions = {region["RegionName"]: region.get("OptInStatus", "") for region in listed}
            return Observed(identity["Account"], identity["Arn"], regions)

        return ask

    def _observe_all(self) -> tuple[Answer, dict[str, Answer]]:
        region = self.needs.region
        questions = Questions()
        questions.ask({region: self._observe(region)})
        questions.wait(min(_HEAD_START, self.timeout))
        own = questions.of(region)
        if own.good or is_unsent(own.error):
            return own, {}
        fallbacks = self._fallbacks()
        questions.ask(fallbacks)
        # A region that needs long may be far, or under load: only its own answer, or all the others', ends the wait.
        questions.wait(self.timeout, enough=lambda answers: region in answers and any(a.good for a in answers.values()))
        return questions.of(region), {fallback: questions.of(fallback) for fallback in fallbacks}

    def _fallbacks(self) -> dict[str, t.Callable[[], Observed]]:
        questions_of = {}
        for region in self.fallbacks:
            with contextlib.suppress(ValueError):  # not the name of a region: the settings' checks say so
                questions_of[region] = self._observe(region)
        return questions_of

    def _facts(self, own: Answer, fallbacks: t.Mapping[str, Answer]) -> dict[str, t.Any]:
        observed = next((response.value for response in [own, *fallbacks.values()] if response.good), None)
        return {
            "region": self.needs.region,
            "answers": own.good,
            "account": observed.account if observed else None,
            "caller": observed.arn if observed else None,
            "opt_in_status": observed.regions.get(self.needs.region) if observed else None,
        }

    def _probe(self, names: t.Sequence[str], caller: str) -> tuple[list[Problem], dict[str, t.Any]]:
        needs = self.needs
        wanted = {name: CAPABILITIES[name] for name in names if CAPABILITIES[name].needed(needs)}
        calls: dict[str, t.Callable[[], t.Any]] = {
            name: self._caller(each.service, each.operation, each.parameters(needs)) for name, each in wanted.items()
        }
        calls |= {f"bucket {name}": self._head(name) for name in needs.bucket_names}
        if needs.key_aliases:
            kms = self.client_for("kms", needs.region)
            calls |= {f"key alias {alias}": key_tags(kms, alias) for alias in needs.key_aliases}
        if needs.role_names:
            iam = self.client_for("iam", needs.region)
            calls |= {f"role {name}": role_tags(iam, name) for name in needs.role_names}
        calls |= {f"quota {name}": self._quota(name) for name, quota in QUOTAS.items() if quota.wanted(needs)}
        if needs.tags:
            calls["platforms"] = platforms(self.client_for("resourcegroupstaggingapi", needs.region))
        if needs.policies:
            calls["rights"] = self._rights(caller)
        answers = ask_all(calls, self.timeout)

        findings: list[Problem] = []
        for name, capability in wanted.items():
            findings += capability_findings(name, capability, answers[name], needs)
        findings += self._name_findings(answers)
        for name, quota in QUOTAS.items():
            if (answer := answers.get(f"quota {name}")) and answer.good:
                findings += quota_findings(quota, *answer.value, needs)
        if needs.policies:
            findings += rights_findings(answers["rights"], needs.policies, needs.policies_enforced)
        facts: dict[str, t.Any] = {"capabilities": {name: answers[name].good for name in wanted}}
        if "availability_zones" in wanted and answers["availability_zones"].good:
            zones = answers["availability_zones"].value["AvailabilityZones"]
            facts["availability_zones"] = sorted(zone["ZoneName"] for zone in zones)
        return findings, facts

    def _name_findings(self, answers: t.Mapping[str, Answer]) -> t.Iterator[Problem]:
        """Return what is wrong with the names that the platform's own will have."""
        needs = self.needs
        yield from bucket_findings({name: answers[f"bucket {name}"] for name in needs.bucket_names}, needs)
        for kind, names in (("key alias", needs.key_aliases), ("role", needs.role_names)):
            yield from owner_findings(kind, {name: answers[f"{kind} {name}"] for name in names}, needs.tags)
        if needs.tags:
            yield from overlap_findings(answers["platforms"], needs.tags)

    def _caller(self, service: str, operation: str, parameters: dict[str, t.Any]) -> t.Callable[[], t.Any]:
        call = getattr(self.client_for(service, self.needs.region), operation)
        return lambda: call(**parameters)

    def _head(self, bucket: str) -> t.Callable[[], t.Any]:
        owner = {"ExpectedBucketOwner": self.needs.account_id} if self.needs.account_id else {}
        return self._caller("s3", "head_bucket", {"Bucket": bucket} | owner)

    def _quota(self, name: str) -> t.Callable[[], t.Any]:
        """Read what is in use, and the limit. Where Service Quotas can't be asked, there is no problem."""
        quota = QUOTAS[name]
        limit = self._caller(
            "service-quotas", "get_service_quota", {"ServiceCode": quota.service_code, "QuotaCode": quota.code}
        )
        used = self._caller("ec2", quota.operation, {})
        return lambda: (used()[quota.result], limit()["Quota"]["Value"])

    def _rights(self, caller: str) -> t.Callable[[], list[str]]:
        """Find the policies' actions that the caller may not do here. IAM is asked one question at a time: it throttles early."""
        iam = self.client_for("iam", self.iam_region)

        def role_arn(name: str) -> str | None:
            with contextlib.suppress(Exception):  # not allowed, or not ours: the plain ARN will do for most
                return iam.get_role(RoleName=name)["Role"]["Arn"]
            return None

        def ask() -> list[str]:
            principal = principal_of(caller, role_arn)
            lacking: list[str] = []
            for question in questions(self.needs.policies, self.needs.region) if principal else []:
                pages = iam.get_paginator("simulate_principal_policy").paginate(**question.parameters(principal))
                lacking += missing(question, [result for page in pages for result in page["EvaluationResults"]])
            return lacking

        return ask
