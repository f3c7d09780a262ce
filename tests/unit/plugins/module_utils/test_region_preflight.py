# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the answers of a region mean, and who is asked: without any API."""

from __future__ import annotations

import threading
import time

import pytest
import yaml
from ansible_collections.knowledgecity.platform.plugins.module_utils._answers import (
    Answer,
    NoAnswerError,
    ask_all,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight import tools
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.capabilities import (
    CAPABILITIES,
    QUOTAS,
    Needs,
    quota_findings,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.judgement import (
    Observed,
    bucket_findings,
    capability_findings,
    standing,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.survey import Survey
from ansible_collections.knowledgecity.platform.plugins.modules import region_preflight_info
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
    SSLError,
)

from lab.settings import CHECKOUT

ACCOUNT = "111122223333"
NEEDS = Needs("me-west-1", account_id=ACCOUNT)
REGIONS = {"me-west-1": "opted-in", "eu-central-1": "opt-in-not-required", "ap-east-1": "not-opted-in"}
OBSERVED = Observed(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/operator", REGIONS)
SILENT = ReadTimeoutError(endpoint_url="https://api.example")
CLOSED = EndpointConnectionError(endpoint_url="https://api.example")
UNTRUSTED = SSLError(endpoint_url="https://api.example", error="self-signed certificate")


def refused(code: str, message: str = "refused", status: int = 403) -> ClientError:
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetCallerIdentity")


BAD_KEY = refused("InvalidClientTokenId", "The security token included in the request is invalid.")


def stands(needs: Needs, own: object, fallbacks: dict | None = None, endpoint: str | None = None):
    def answer(value) -> Answer:
        return Answer(error=value) if isinstance(value, Exception) else Answer(value=value)

    answers = {name: answer(value) for name, value in (fallbacks or {}).items()}
    findings, usable = standing(needs, answer(own), answers, endpoint)
    return [each.setting for each in findings], usable


def test_a_region_that_answers_is_asked_on():
    assert stands(NEEDS, OBSERVED) == ([], True)


def test_a_region_may_answer_without_a_list_of_regions():
    """Who may not call DescribeRegions is told so by its own probe."""
    assert stands(NEEDS, Observed(ACCOUNT, "arn")) == ([], True)


def test_credentials_of_another_account():
    settings, usable = stands(Needs("me-west-1", account_id="999988887777"), OBSERVED)
    assert (settings, usable) == (["platform_account_id"], False)


def test_any_account_will_do_where_none_is_named():
    assert stands(Needs("me-west-1"), OBSERVED) == ([], True)


@pytest.mark.parametrize(
    "error", [BAD_KEY, refused("ExpiredToken"), refused("SignatureDoesNotMatch"), NoCredentialsError()]
)
def test_bad_credentials_are_one_problem(error):
    settings, usable = stands(NEEDS, error, {"eu-central-1": error, "us-east-1": error})
    assert len(settings) == 1
    assert settings[0].startswith("AWS credentials")
    assert not usable


def test_a_clock_that_is_wrong_is_not_blamed_on_the_credentials():
    error = refused("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than 20261122T000000Z")
    assert stands(NEEDS, error, {"us-east-1": error})[0] == ["the clock of this machine"]


def test_a_region_that_is_not_enabled_refuses_good_credentials():
    needs = Needs("ap-east-1", account_id=ACCOUNT)
    for own in (BAD_KEY, CLOSED, SILENT, OBSERVED):
        assert stands(needs, own, {"eu-central-1": OBSERVED}) == (["platform_regions['ap-east-1']"], False)


def test_a_region_that_does_not_exist():
    needs = Needs("eu-centrl-1")
    findings, usable = standing(needs, Answer(error=CLOSED), {"us-east-1": Answer(value=OBSERVED)}, None)
    assert "Did you mean eu-central-1?" in findings[0].problem
    assert not usable


@pytest.mark.parametrize("error", [CLOSED, SILENT, UNTRUSTED, NoAnswerError("no answer within 12 s")])
@pytest.mark.parametrize("fallbacks", [{}, {"eu-central-1": OBSERVED}, {"eu-central-1": CLOSED}])
def test_an_endpoint_that_is_lost_is_named(error, fallbacks):
    assert stands(NEEDS, error, fallbacks, "https://x")[0] == ["platform_endpoints['me-west-1']"]
    assert stands(NEEDS, error, fallbacks)[0] == ["AWS endpoint of me-west-1"]


def test_a_lost_endpoint_and_bad_credentials_are_two_problems():
    settings, _usable = stands(NEEDS, CLOSED, {"eu-central-1": BAD_KEY}, "https://x")
    assert settings[0].startswith("AWS credentials")
    assert settings[1:] == ["platform_endpoints['me-west-1']"]


def test_a_token_that_is_good_elsewhere_only():
    findings, usable = standing(NEEDS, Answer(error=BAD_KEY), {"us-east-1": Answer(value=OBSERVED)}, None)
    assert "AWS_STS_REGIONAL_ENDPOINTS" in findings[0].fix
    assert not usable


def test_a_denied_probe_names_the_action():
    error = refused("AccessDeniedException", "not authorized to perform: kms:ListAliases")
    findings = capability_findings("kms", CAPABILITIES["kms"], Answer(error=error), NEEDS)
    assert [each.setting for each in findings] == ["permission kms:ListAliases"]


@pytest.mark.parametrize(
    ("error", "words"), [(CLOSED, "does not answer"), (refused("InternalError", status=500), "can't be used")]
)
def test_a_capability_that_is_not_there(error, words):
    findings = capability_findings("logs", CAPABILITIES["logs"], Answer(error=error), NEEDS)
    assert findings[0].setting == "CloudWatch Logs in me-west-1"
    assert words in findings[0].problem


def zones(*names: str) -> dict:
    return {"AvailabilityZones": [{"ZoneName": name, "State": "available"} for name in names]}


def test_too_few_zones():
    capability = CAPABILITIES["availability_zones"]
    impaired = {"ZoneName": "d", "State": "impaired"}
    local = {"ZoneName": "e", "State": "available", "ZoneType": "local-zone"}
    answer = {"AvailabilityZones": [*zones("a", "b")["AvailabilityZones"], impaired, local]}
    assert "2 availability zone(s) (a and b)" in next(iter(capability.judge(answer, NEEDS))).problem
    assert not list(capability.judge(zones("a", "b", "c"), NEEDS))


def test_endpoint_services_that_are_missing():
    needs = Needs("me-west-1", endpoint_services=("logs", "ecr.api", "com.example.own"))
    answer = {"ServiceNames": ["com.amazonaws.me-west-1.logs", "com.example.own"]}
    findings = list(CAPABILITIES["vpc_endpoints"].judge(answer, needs))
    assert "com.amazonaws.me-west-1.ecr.api" in findings[0].problem
    assert "logs" not in findings[0].problem
    assert not CAPABILITIES["vpc_endpoints"].needed(NEEDS)


def _options(*versions: str) -> dict:
    return {"OrderableDBInstanceOptions": [{"EngineVersion": version} for version in versions]}


@pytest.mark.parametrize(
    ("wanted", "answer", "said"),
    [
        (Needs("me-west-1"), _options("8.0.42"), None),
        (Needs("me-west-1"), _options(), "offers no instances of RDS for MySQL."),
        (Needs("me-west-1", database_class="db.r7g.large"), _options(), "of class db.r7g.large"),
        (
            Needs("me-west-1", database_version="8.4"),
            _options("8.0.42"),
            "offers MySQL 8.0.42 on its instances, and not 8.4.",
        ),
        (Needs("me-west-1", database_version="8.4"), _options("8.0.42") | {"Marker": "more"}, None),
        (Needs("me-west-1", database_version="8.4"), _options("8.0.42", "8.4.5"), None),
        (Needs("me-west-1", database_version="8.4.5"), _options("8.4.5"), None),
        (Needs("me-west-1", database_version="8.4"), _options("8.40.1"), "and not 8.4."),
    ],
)
def test_databases_that_a_region_does_not_offer(wanted, answer, said):
    found = [each.problem for each in CAPABILITIES["rds"].judge(answer, wanted)]
    assert not found if said is None else said in found[0]
    assert CAPABILITIES["rds"].parameters(wanted).get("DBInstanceClass", "") == wanted.database_class


def test_images_that_a_region_does_not_have():
    needs = Needs("me-west-1", images=("resolve:ssm:/aws/b", "resolve:ssm:/aws/a", "ami-0123", "resolve:ssm:/aws/a"))
    capability = CAPABILITIES["images"]
    assert capability.parameters(needs) == {"Names": ["/aws/a", "/aws/b"]}
    (found,) = capability.judge({"InvalidParameters": ["/aws/b"]}, needs)
    assert "no machine image behind /aws/b" in found.problem
    assert not list(capability.judge({"InvalidParameters": []}, needs))
    assert not capability.needed(Needs("me-west-1", images=("ami-0123",)))


def test_bucket_names():
    answers = {
        "free": Answer(error=refused("404", status=404)),
        "ours": Answer(value={"BucketRegion": "me-west-1"}),
        "taken": Answer(error=refused("403", status=403)),
        "taken-too": Answer(error=refused("403", status=403)),
        "elsewhere": Answer(value={"BucketRegion": "eu-central-1"}),
        "odd": Answer(error=refused("400", status=400)),
        "lost": Answer(error=SILENT),
    }
    findings = list(bucket_findings(answers, NEEDS))
    assert [each.setting for each in findings] == ["platform_name", "S3 in me-west-1", "platform_name", "platform_name"]
    assert "taken and taken-too" in findings[0].problem
    assert "it is in eu-central-1" in findings[2].problem
    assert "odd" in findings[3].problem
    assert not any("free" in each.problem or "ours" in each.problem for each in findings)


def test_quotas_count_what_is_ours_once():
    tags = {"platform": "kc", "environment": "lab"}
    needs = Needs("me-west-1", elastic_ips=3, tags=tags)
    ours = {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    other = {"Tags": [{"Key": "platform", "Value": "kc"}, {"Key": "environment", "Value": "staging"}]}
    quota = QUOTAS["elastic_ips"]
    assert not list(quota_findings(quota, [other] * 2, 5, needs))
    assert not list(quota_findings(quota, [other] * 2 + [ours] * 3, 5, needs))
    assert "make it 6" in next(iter(quota_findings(quota, [other] * 3, 5, needs))).problem
    assert "make it 6" in next(iter(quota_findings(quota, [other] * 3 + [ours], 5, needs))).problem


# --- who is asked ---------------------------------------------------------------------------------


class FakeClient:
    """Answers as told; anything else it is asked is an error of the test."""

    def __init__(self, answers: dict, calls: list, name: str):
        self._answers, self._calls, self._name = answers, calls, name

    def __getattr__(self, operation: str):
        def call(**parameters):
            self._calls.append(f"{self._name}.{operation}")
            answer = self._answers.get(operation, self._answers.get("*", {}))
            if isinstance(answer, Exception):
                raise answer
            return answer(**parameters) if callable(answer) else answer

        return call


def survey(regions: dict[str, dict], fallbacks=("eu-central-1",), needs=NEEDS, timeout=5) -> tuple[Survey, list]:
    calls: list[str] = []

    def client_for(service: str, region: str) -> FakeClient:
        return FakeClient(regions.get(region, {}), calls, f"{region}:{service}")

    return Survey(client_for, needs, fallbacks, None, timeout), calls


GOOD = {
    "get_caller_identity": {"Account": ACCOUNT, "Arn": "arn"},
    "describe_regions": {"Regions": [{"RegionName": name, "OptInStatus": status} for name, status in REGIONS.items()]},
    "describe_availability_zones": zones("a", "b", "c"),
    "head_bucket": refused("404", status=404),
}


def test_a_region_that_answers_needs_no_other():
    """The other region may be lost: a run that is limited to this one must not ask it."""
    asked, calls = survey({"me-west-1": GOOD})
    findings, facts = asked.run(["availability_zones", "kms"])
    assert findings == []
    assert facts["answers"]
    assert facts["availability_zones"] == ["a", "b", "c"]
    assert facts["capabilities"] == {"availability_zones": True, "kms": True}
    assert {call.partition(":")[0] for call in calls} == {"me-west-1"}


def test_a_region_that_is_not_enabled_is_not_asked_for_capabilities():
    asked, calls = survey(
        {"ap-east-1": {"*": BAD_KEY}, "eu-central-1": GOOD}, needs=Needs("ap-east-1", account_id=ACCOUNT)
    )
    findings, facts = asked.run(sorted(CAPABILITIES))
    assert ["not enabled" in each.problem for each in findings] == [True]
    assert facts["opt_in_status"] == "not-opted-in"
    assert [call for call in calls if call.startswith("ap-east-1")] == ["ap-east-1:sts.get_caller_identity"]


def test_bad_credentials_are_not_tried_on_every_probe():
    asked, calls = survey({"me-west-1": {"*": BAD_KEY}, "eu-central-1": {"*": BAD_KEY}})
    findings, _facts = asked.run(sorted(CAPABILITIES))
    assert len(findings) == 1
    assert sorted(calls) == ["eu-central-1:sts.get_caller_identity", "me-west-1:sts.get_caller_identity"]


def test_without_credentials_nobody_is_asked():
    asked, calls = survey({"me-west-1": {"*": NoCredentialsError()}})
    findings, _facts = asked.run(sorted(CAPABILITIES))
    assert len(findings) == 1
    assert calls == ["me-west-1:sts.get_caller_identity"]


def test_a_silent_region_ends_in_time():
    def never(**_parameters):
        threading.Event().wait(30)

    started = time.monotonic()
    asked, _calls = survey({"me-west-1": {"*": never}, "eu-central-1": GOOD}, timeout=0.5)
    findings, _facts = asked.run(["kms"])
    assert [each.setting for each in findings] == ["AWS endpoint of me-west-1"]
    assert time.monotonic() - started < 5


def test_the_owner_of_a_bucket_is_asked_for():
    expected = []
    answers = GOOD | {"head_bucket": lambda **parameters: expected.append(parameters) or {"BucketRegion": "me-west-1"}}
    asked, _calls = survey({"me-west-1": answers}, needs=Needs("me-west-1", account_id=ACCOUNT, bucket_names=("b",)))
    assert asked.run([])[0] == []
    assert expected == [{"Bucket": "b", "ExpectedBucketOwner": ACCOUNT}]


def test_a_quota_that_cannot_be_asked_is_no_problem():
    answers = GOOD | {"get_service_quota": refused("AccessDenied"), "describe_vpcs": {"Vpcs": [{}] * 9}}
    asked, _calls = survey({"me-west-1": answers}, needs=Needs("me-west-1", account_id=ACCOUNT, vpcs=1))
    assert asked.run([])[0] == []
    answers["get_service_quota"] = {"Quota": {"Value": 5.0}}
    asked, _calls = survey({"me-west-1": answers}, needs=Needs("me-west-1", account_id=ACCOUNT, vpcs=1))
    assert [each.setting for each in asked.run([])[0]] == ["AWS quota L-F678F1CE in me-west-1"]


def test_questions_are_asked_at_the_same_time():
    together = threading.Barrier(5, timeout=5)
    answers = ask_all({str(number): together.wait for number in range(5)}, until=5)
    assert all(answer.good for answer in answers.values())


# --- tools, and what must agree with other files --------------------------------------------------


def test_tools_of_this_machine_will_do():
    assert list(tools.tool_findings(tools.found_versions())) == []


@pytest.mark.parametrize(
    ("tool", "version", "words"),
    [("boto3", None, "is missing"), ("botocore", "1.29.0", "is 1.29.0"), ("amazon.aws", "12.0.0", "below 12.0.0")],
)
def test_tools_that_will_not(tool, version, words):
    findings = list(tools.tool_findings(tools.found_versions() | {tool: version}))
    assert [each.setting for each in findings] == [tool]
    assert words in findings[0].problem


def test_required_versions_are_those_of_the_collection():
    galaxy = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["dependencies"]
    for name, wanted in galaxy.items():
        tool = tools.REQUIRED[name]
        assert wanted == f">={tool.least},<{tool.below}"
    runtime = yaml.safe_load((CHECKOUT / "meta" / "runtime.yml").read_text())
    assert runtime["requires_ansible"] == f">={tools.REQUIRED['ansible-core'].least}"


def test_the_documented_capabilities_are_all():
    options = yaml.safe_load(region_preflight_info.DOCUMENTATION)["options"]
    assert options["capabilities"]["choices"] == sorted(CAPABILITIES)
