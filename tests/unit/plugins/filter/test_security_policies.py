# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The data files of role security and what the filters make of them."""

from __future__ import annotations

import copy
import fnmatch
import json
from pathlib import Path

import pytest
import yaml
from ansible_collections.knowledgecity.platform.plugins.filter.security_policies import (
    security_boundary,
    security_keys,
    security_problems,
    security_replica_keys,
    security_roles,
    security_web_acl_rules,
)
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security.roles import tier_statements
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.security.statements import expand, fill

FILES = Path(__file__).parents[4] / "roles" / "security" / "files"
TIERS = yaml.safe_load((FILES / "tiers.yml").read_text())
REFUSED = yaml.safe_load((FILES / "boundary.yml").read_text())["refused"]
KEYS = yaml.safe_load((FILES / "keys.yml").read_text())["keys"]
REGIONS = ["me-west-1", "eu-central-1"]
PLATFORM = {"prefix": "kc-test", "account_id": "111122223333", "regions": REGIONS, "tags": {"platform": "kc"}}
# As long as preflight lets them be.
LONGEST = PLATFORM | {"prefix": f"{'n' * 16}-{'e' * 16}"}

STATEMENTS = [
    pytest.param(statement, region, id=f"{region}-{tier}-{statement['sid']}")
    for region in REGIONS
    for tier in TIERS["tiers"]
    for statement in tier_statements(TIERS, PLATFORM, region, tier)
]


@pytest.mark.parametrize(("statement", "region"), STATEMENTS)
def test_no_wildcard_without_a_reason_beside_it(statement, region):
    in_full = all("*" not in action for action in statement["actions"])
    # What ends in a wildcard after the platform's own prefix is the platform's own.
    named = all("*" not in resource.partition("kc-test")[0] for resource in statement["resources"])
    assert (in_full and named) or len(statement.get("reason", "")) > 20


# Copies go to the other region, and a failover leaves it: that is what they are for.
ACROSS_REGIONS = (
    "Use backup vaults",
    "Look at databases",
    "Fence databases",
    "Write region record",
    "Encrypt secrets of tenants",
)


@pytest.mark.parametrize(("statement", "region"), STATEMENTS)
def test_every_statement_keeps_to_its_region(statement, region):
    other = next(name for name in REGIONS if name != region)
    if statement["sid"] in ACROSS_REGIONS:
        return
    if statement["sid"].endswith(" elsewhere"):
        assert set(statement["actions"]) <= {"s3:GetBucketLocation", "s3:ListBucket", "s3:GetObject", "kms:Decrypt"}
        return  # a region fetches its copies, and changes nothing elsewhere
    assert other not in json.dumps(statement)
    regional = all(region in resource for resource in statement["resources"])
    conditions = statement.get("conditions", {}).get("StringEquals", {})
    # The region record has the same name in every region; its ARN has the region.
    assert regional or conditions.get("aws:RequestedRegion") == region


def test_whoever_replicates_secrets_may_encrypt_them_under_the_other_regions_key():
    statements = [tier_statements(TIERS, PLATFORM, REGIONS[0], tier) for tier in TIERS["tiers"]]
    replicating = [found for found in statements if "secretsmanager:ReplicateSecretToRegions" in json.dumps(found)]
    assert replicating
    for found in replicating:
        (keys,) = [item for item in found if "kms:Encrypt" in item["actions"] and "secretsmanager." in json.dumps(item)]
        assert {"kms:Decrypt", "kms:GenerateDataKey"} < set(keys["actions"])
        assert all(any(region in resource for resource in keys["resources"]) for region in REGIONS)
    operator = (FILES.parents[2] / "docs/operator-policy.json").read_text()
    (keys,) = [item for item in _dicts(json.loads(operator)) if item.get("Sid") == "KeepSecretsUnderTheKeys"]
    assert keys["Action"] == ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]


def _dicts(value):
    """Return all objects in a JSON value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [*([value] if isinstance(value, dict) else []), *(found for item in inner for found in _dicts(item))]


def test_one_role_a_region_and_tier_all_bounded():
    roles = security_roles(TIERS, PLATFORM)
    assert len(roles) == len(REGIONS) * len(TIERS["tiers"])
    assert {role["permissions_boundary"] for role in roles} == {
        "arn:aws:iam::111122223333:policy/platform-operators/kc-test-operator-roles-boundary"
    }
    assert {role["name"] for role in roles if role["instance_profile"]} == {
        f"kc-test-{region}-{tier}" for region in REGIONS for tier in ("runner", "media")
    }
    for role in roles:
        for policy in role["policies"].values():
            sids = [statement["Sid"] for statement in policy["Statement"]]
            assert len(set(sids)) == len(sids)
            assert all(sid.isalnum() for sid in sids)
            assert "{" not in json.dumps(policy["Statement"]).replace('{"', "").replace("{}", "")


def test_only_who_is_meant_can_assume_a_role():
    trust = {role["name"]: role["assume_role_policy"]["Statement"][0] for role in security_roles(TIERS, PLATFORM)}
    assert trust["kc-test-me-west-1-runner"]["Principal"] == {"Service": "ec2.amazonaws.com"}
    pod = trust["kc-test-me-west-1-api"]
    assert pod["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert pod["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert pod["Condition"] == {
        "ArnLike": {"aws:RequestTag/eks-cluster-arn": "arn:aws:eks:me-west-1:111122223333:cluster/kc-test-me-west-1-*"}
    }
    backup = trust["kc-test-me-west-1-backup"]
    assert backup["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def test_what_other_tiers_add_comes_on_top():
    more = {"Sid": "More", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}
    roles = {role["name"]: role for role in security_roles(TIERS, PLATFORM, {"api": [more]})}
    assert roles["kc-test-me-west-1-api"]["policies"]["api"]["Statement"][-1] == more
    assert more not in roles["kc-test-me-west-1-media"]["policies"]["media"]["Statement"]


def test_the_boundary_allows_what_tiers_use_and_no_more_services():
    statements = security_boundary(TIERS, PLATFORM, REFUSED)["Statement"]
    allowed = [statement for statement in statements if statement["Effect"] == "Allow"]
    here = {"StringEquals": {"aws:RequestedRegion": ["me-west-1", "eu-central-1", "us-east-1"]}}
    assert all(statement["Condition"] == here for statement in allowed)
    actions = {action for statement in allowed for action in statement["Action"]}
    assert {"s3:*", "kms:*", "sqs:*"} <= actions
    assert not {"iam:*", "ec2:*", "eks:*"} & actions
    refused = [statement for statement in statements if statement["Effect"] == "Deny"]
    assert all(statement["Resource"] == ["*"] for statement in refused)
    assert all(len(group["reason"]) > 20 for group in REFUSED)


def _bounded(action: str, resource: str, **options) -> bool:
    """Whether the boundary allows an action on a resource, denials aside."""
    allowed = security_boundary(TIERS, PLATFORM, REFUSED, **options)["Statement"]
    return any(
        any(fnmatch.fnmatchcase(action, pattern) for pattern in statement["Action"])
        and any(fnmatch.fnmatchcase(resource, pattern) for pattern in statement["Resource"])
        for statement in allowed
        if statement["Effect"] == "Allow"
    )


@pytest.mark.parametrize(
    ("action", "own", "others"),
    [
        ("s3:GetObject", "arn:aws:s3:::kc-test-me-west-1-storage-media/a", "arn:aws:s3:::payroll/a"),
        (
            "dynamodb:GetItem",
            "arn:aws:dynamodb:me-west-1:111122223333:table/kc-test-t",
            "arn:aws:dynamodb:me-west-1:111122223333:table/t",
        ),
        (
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:me-west-1:111122223333:secret:kc-test/media/s-abcdef",
            "arn:aws:secretsmanager:me-west-1:111122223333:secret:administrator-abcdef",
        ),
        (
            "ssm:GetParameter",
            "arn:aws:ssm:me-west-1:111122223333:parameter/kc-test/media/p",
            "arn:aws:ssm:me-west-1:111122223333:parameter/p",
        ),
    ],
)
def test_the_boundary_leaves_others_theirs(action, own, others):
    """Whatever a role's policies come to say. What somebody states for a tier comes in with an administrator's run."""
    assert _bounded(action, own)
    assert not _bounded(action, others)
    stated = {"Effect": "Allow", "Action": action, "Resource": others}
    assert _bounded(action, others, statements={"media": [stated]})


@pytest.mark.parametrize(("statement", "region"), STATEMENTS)
def test_the_boundary_allows_what_each_statement_does(statement, region):
    for action in statement["actions"]:
        for resource in statement["resources"]:
            assert _bounded(action, resource), (action, resource)


def test_no_tier_asks_for_what_the_boundary_refuses():
    for tier in TIERS["tiers"]:
        refused = {action for group in REFUSED if tier not in group.get("except", []) for action in group["actions"]}
        statements = tier_statements(TIERS, PLATFORM, "me-west-1", tier)
        assert not {action for statement in statements for action in statement["actions"]} & refused


@pytest.mark.parametrize(("refused", "tier"), [("RefuseFailover", "runner"), ("RefuseVersions", "media")])
def test_one_tier_alone_is_excepted(refused, tier):
    statements = security_boundary(TIERS, PLATFORM, REFUSED)["Statement"]
    (refusal,) = [item for item in statements if item["Sid"] == refused]
    roles = [f"arn:aws:iam::111122223333:role/kc-test-*-{tier}"]
    assert refusal["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": roles}}


def test_every_other_refusal_holds_for_everybody():
    statements = security_boundary(TIERS, PLATFORM, REFUSED)["Statement"]
    excepted = [item["Sid"] for item in statements if item["Effect"] == "Deny" and "Condition" in item]
    assert sorted(excepted) == ["RefuseFailover", "RefuseVersions"]


def test_policies_fit_into_what_iam_allows():
    assert security_problems(TIERS, LONGEST, REFUSED) == []


def test_settings_that_cannot_work_are_all_named():
    groups = [{"name": "A", "excepts": []}, {"name": "A"}, {}]
    text = " ".join(security_problems(TIERS, PLATFORM, REFUSED, {"apii": []}, groups, 5))
    for part in (
        "names apii",
        "security_waf_rate_limit is 5",
        "excepts is not a setting",
        "names A twice",
        "has no name",
    ):
        assert part in text
    too_long = security_problems(TIERS, PLATFORM | {"prefix": "p" * 60}, REFUSED)
    assert "IAM allows 64" in too_long[0]
    huge = {"Sid": "x" * 11000}
    assert any("IAM allows 10240" in text for text in security_problems(TIERS, PLATFORM, REFUSED, {"api": [huge]}))


def test_keys_are_made_once_a_region_or_once_and_replicated():
    first = {key["alias"]: key for key in security_keys(KEYS, PLATFORM, "me-west-1", "me-west-1")}
    assert list(first) == [f"alias/kc-test-me-west-1-{purpose}" for purpose in KEYS]
    assert [alias for alias, key in first.items() if key["multi_region"]] == ["alias/kc-test-me-west-1-media-envelope"]
    second = [key["alias"] for key in security_keys(KEYS, PLATFORM, "eu-central-1", "me-west-1")]
    assert second == ["alias/kc-test-eu-central-1-data", "alias/kc-test-eu-central-1-backups"]
    (replica,) = security_replica_keys(KEYS, PLATFORM, "eu-central-1", "me-west-1")
    assert replica["primary"] == "alias/kc-test-me-west-1-media-envelope"
    assert replica["alias"] == "alias/kc-test-eu-central-1-media-envelope"
    assert "eu-central-1-media" in json.dumps(replica["policy"])
    assert security_replica_keys(KEYS, PLATFORM, "me-west-1", "me-west-1") == []


def test_nobody_uses_a_key_who_is_not_named():
    for key in security_keys(KEYS, PLATFORM, "me-west-1", "me-west-1"):
        for statement in key["policy"]["Statement"]:
            uses = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"} & set(statement["Action"])
            assert not uses or statement["Condition"], statement["Sid"]
            assert not any("*" in action for action in statement["Action"])
            if statement["Principal"] == {"AWS": "*"}:
                assert statement["Condition"]["StringEquals"] == {"kms:CallerAccount": "111122223333"}
                assert statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]


def test_rules_of_a_web_acl():
    limit, common, counted = security_web_acl_rules(
        [{"name": "Common", "except": ["Large"]}, {"name": "Counted", "count": True}], 100
    )
    assert limit["statement"]["rate_based_statement"] == {
        "limit": 100,
        "evaluation_window_sec": 300,
        "aggregate_key_type": "IP",
    }
    assert common["override_action"] == {"none": {}}
    assert common["statement"]["managed_rule_group_statement"]["rule_action_overrides"] == [
        {"name": "Large", "action_to_use": {"count": {}}}
    ]
    assert counted["override_action"] == {"count": {}}
    assert [rule["priority"] for rule in (limit, common, counted)] == [0, 1, 2]


def test_a_placeholder_for_several_values_makes_several_items():
    assert fill(["a/{x}/{x}", "b"], {"x": ["1", "2"]}) == ["a/1/1", "a/2/2", "b"]
    assert fill({"k": "{x}"}, {"x": "1"}) == {"k": "1"}
    with pytest.raises(KeyError):
        fill("{unknown}", {})


def test_pieces_are_not_changed_by_their_use():
    before = copy.deepcopy(TIERS)
    expand([{"piece": "read_bucket", "bucket": "b"}], TIERS["pieces"], {"prefix": "p", "region": "r", "account": "a"})
    assert before == TIERS
