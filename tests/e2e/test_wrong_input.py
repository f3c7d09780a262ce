# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Wrong input ends before the first change, with one clear message that names the setting."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from lab.settings import CHECKOUT
from tests.support import playbooks
from tests.support.machines import root_key

REGIONS = ("me-west-1", "eu-central-1", "us-east-1")
OTHER_ACCOUNT = ("999988887777", "unused-by-the-emulator")


@pytest.fixture
def inventory(tmp_path) -> Path:
    return shutil.copytree(CHECKOUT / "inventories" / "lab", tmp_path / "inventory")


def settings(inventory: Path, change) -> None:
    """Edit platform.yml as a newcomer would."""
    file = inventory / "group_vars" / "all" / "platform.yml"
    values = yaml.safe_load(file.read_text())
    change(values)
    file.write_text(yaml.safe_dump(values, sort_keys=False))


def another_standby(inventory: Path, region: str) -> None:
    """Take `region` instead of eu-central-1."""
    settings(inventory, lambda values: values["platform_regions"].update({region: {"cidr": "10.30.0.0/16"}}))
    settings(inventory, lambda values: values["platform_regions"].pop("eu-central-1"))


def account(lab) -> dict:
    """What a run may create, by region."""
    state = {}
    for region in REGIONS:
        ec2 = lab("ec2", region)
        state[region] = {
            "vpcs": [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]],
            "addresses": [address["AllocationId"] for address in ec2.describe_addresses()["Addresses"]],
            "tables": lab("dynamodb", region).list_tables()["TableNames"],
            "keys": [key["KeyId"] for key in lab("kms", region).list_keys()["Keys"]],
            "log groups": [group["logGroupName"] for group in lab("logs", region).describe_log_groups()["logGroups"]],
        }
    state["buckets"] = [bucket["Name"] for bucket in lab("s3").list_buckets()["Buckets"]]
    state["roles"] = [role["RoleName"] for role in lab("iam", "us-east-1").list_roles()["Roles"]]
    return state


def refused(lab, inventory: Path, *, administrator: bool = False, **variables: str) -> list[str]:
    """Run site.yml, which must stop before its first change; returns the problems it reports, one text each."""
    before = account(lab)
    ran = playbooks.run(lab, inventory=inventory, administrator=administrator, **variables)
    assert ran.returncode != 0, ran.output
    assert not any(ran.changed.values()), ran.output
    assert account(lab) == before
    assert sum(counters["failed"] for counters in ran.recap.values()) == 1, "one message, on one host"
    assert "Traceback" not in ran.output
    assert not any(value in ran.output for name, value in variables.items() if name == "AWS_SECRET_ACCESS_KEY")
    return problems(ran.output)


def problems(output: str) -> list[str]:
    """The numbered problems, each without its line breaks."""
    _, found, report = output.rpartition("Nothing was changed.")
    assert found, output
    report, _, _ = report.partition("PLAY RECAP")
    report, _, _ = report.partition("Worth knowing")
    texts: list[list[str]] = []
    for line in report.splitlines()[1:]:
        head, _, rest = line.strip().partition(". ")
        if head.isdigit():
            texts.append([rest])
        elif texts and line.strip():
            texts[-1].append(line.strip())
    return [" ".join(text) for text in texts]


def only(found: list[str]) -> str:
    """The one problem that is reported."""
    assert len(found) == 1, found
    return found[0]


@pytest.mark.nightly
def test_ranges_that_overlap(lab, inventory):
    settings(inventory, lambda values: values["platform_regions"]["eu-central-1"].update(cidr="10.10.128.0/17"))
    problem = only(refused(lab, inventory))
    assert problem.startswith(
        "platform_regions['eu-central-1'].cidr: 10.10.128.0/17 of eu-central-1 overlaps 10.10.0.0/16"
    )
    assert "Fix: Give each region a range of its own" in problem


@pytest.mark.nightly
def test_an_unknown_region(lab, inventory):
    another_standby(inventory, "eu-centrl-1")
    problem = only(refused(lab, inventory))
    assert problem.startswith(
        "platform_regions['eu-centrl-1']: AWS has no region eu-centrl-1. Did you mean eu-central-1?"
    )


@pytest.mark.nightly
def test_a_region_that_is_not_enabled(lab, inventory):
    another_standby(inventory, "ap-east-1")
    problem = only(refused(lab, inventory))
    assert problem.startswith(
        "platform_regions['ap-east-1']: the region ap-east-1 is not enabled in the account 111122223333"
    )
    assert "aws account enable-region --region-name ap-east-1" in problem


@pytest.mark.nightly
def test_no_domain(lab, inventory):
    settings(inventory, lambda values: values.pop("platform_domain"))
    problem = only(refused(lab, inventory))
    assert problem.startswith("platform_domain: is missing.")


def test_credentials_that_are_refused(lab, inventory):
    secret = "wrong-secret-that-must-not-be-printed"
    problem = only(refused(lab, inventory, AWS_SECRET_ACCESS_KEY=secret))
    assert problem.startswith("AWS credentials (AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)")
    assert "Where: me-west-1, eu-central-1 and us-east-1" in problem


@pytest.mark.nightly
def test_credentials_that_may_do_nothing(lab, inventory):
    """Every permission that is missing is named, once."""
    iam = lab("iam", "us-east-1", key=("111122223333", "unused-by-the-emulator"))
    iam.create_user(UserName="newcomer")
    key = iam.create_access_key(UserName="newcomer")["AccessKey"]
    secret = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    found = refused(lab, inventory, **secret)
    named = {
        problem.partition(":  ")[0].split()[1].rstrip(":") for problem in found if problem.startswith("permission ")
    }
    assert {"ec2:DescribeVpcs", "kms:ListAliases", "s3:ListAllMyBuckets", "iam:ListRoles", "tag:GetResources"} <= named
    assert len(found) == len(set(found))


@pytest.mark.nightly
def test_an_endpoint_that_does_not_answer(lab, inventory):
    closed = lab.stack.endpoints | {"eu-central-1": "https://127.0.0.1:1"}
    problem = only(refused(lab, inventory, LAB_ENDPOINTS=json.dumps(closed)))
    assert problem.startswith("platform_endpoints['eu-central-1']: the API at https://127.0.0.1:1 does not answer")


@pytest.mark.nightly
def test_an_endpoint_that_takes_connections_and_says_nothing(lab, inventory):
    lab.stack.control("eu-central-1", "silent")
    try:
        ran = playbooks.run(lab, "-e", "preflight_timeout=10", inventory=inventory)
    finally:
        lab.stack.control("eu-central-1", "open")
    silent = [problem for problem in problems(ran.output) if problem.startswith("platform_endpoints['eu-central-1']")]
    assert "does not answer" in only(silent)
    assert ran.seconds < 60
    assert not any(ran.changed.values())


def test_a_bucket_name_that_another_account_has_taken(lab, inventory):
    name, other = "kctaken-lab-eu-central-1-storage-media", lab("s3", "eu-central-1", key=OTHER_ACCOUNT)
    other.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    settings(inventory, lambda values: values.update(platform_name="kctaken"))
    try:
        # The operator has no rights under that name, which would be another problem.
        problem = only(refused(lab, inventory, administrator=True))
    finally:
        other.delete_bucket(Bucket=name)
    assert problem.startswith(f"platform_name: leads to bucket names that another account has taken: {name}")


@pytest.mark.nightly
def test_a_role_name_that_somebody_else_has_taken(lab, inventory):
    iam, name = lab("iam", "us-east-1", key=root_key()), "kc-lab-me-west-1-media"
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    try:
        problem = only(refused(lab, inventory))
    finally:
        iam.delete_role(RoleName=name)
    assert name in problem
    assert "Fix:" in problem


@pytest.mark.nightly
def test_an_alias_of_somebody_elses_key_that_waits_for_its_deletion(lab, inventory):
    """The platform's own would be taken back: roles/security/README.md."""
    kms, alias = lab("kms", "eu-central-1", key=root_key()), "alias/kc-lab-eu-central-1-data"
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    try:
        problem = only(refused(lab, inventory))
    finally:
        kms.delete_alias(AliasName=alias)
    assert alias in problem
    assert "Fix:" in problem


def test_a_quota_that_the_platform_would_exceed(lab, inventory):
    quotas, ec2 = (lab(service, "eu-central-1", key=root_key()) for service in ("service-quotas", "ec2"))
    limit = int(quotas.get_service_quota(ServiceCode="vpc", QuotaCode="L-F678F1CE")["Quota"]["Value"])
    room = limit - len(ec2.describe_vpcs()["Vpcs"])
    made = [ec2.create_vpc(CidrBlock=f"10.{200 + number}.0.0/16")["Vpc"]["VpcId"] for number in range(room)]
    try:
        problem = only(refused(lab, inventory))
    finally:
        for vpc in made:
            ec2.delete_vpc(VpcId=vpc)
    assert problem.startswith(f"AWS quota L-F678F1CE in eu-central-1: allows {limit} VPCs")
    assert "request-service-quota-increase --region eu-central-1" in problem


def test_several_at_once(lab, inventory):
    def spoil(values):
        values["platform_regions"]["eu-central-1"] = {"cdir": "10.20.0.0/16"}
        values["platform_residency"] = {"acknowledged": False}
        values["platform_account_id"] = "1234"
        values["platform_initial_primary"] = "me-west1"

    settings(inventory, spoil)
    closed = lab.stack.endpoints | {"me-west-1": "https://127.0.0.1:1"}
    found = refused(lab, inventory, LAB_ENDPOINTS=json.dumps(closed))
    assert [problem.partition(": ")[0] for problem in found] == [
        "platform_account_id",
        "platform_regions['eu-central-1'].cdir",
        "platform_regions['eu-central-1'].cidr",
        "platform_initial_primary",
        "platform_residency.acknowledged",
        "platform_endpoints['me-west-1']",
    ]
    assert all("Fix:" in problem for problem in found)


@pytest.mark.nightly
def test_an_inventory_that_is_not_filled_in(lab, inventory):
    """What comes with the repository names what is left open."""
    template = CHECKOUT / "inventories" / "production" / "group_vars" / "all" / "platform.yml"
    shutil.copy(template, inventory / "group_vars" / "all" / "platform.yml")
    found = refused(lab, inventory)
    assert [problem.partition(": ")[0] for problem in found] == [
        "platform_domain",
        "platform_account_id",
        "platform_residency.acknowledged",
    ]


@pytest.mark.nightly
def test_limited_to_one_region_the_other_is_not_asked(lab, inventory):
    """Wrong settings of the region that is left out are still reported: they are the same file's."""
    settings(inventory, lambda values: values.update(platform_domain="nonsense"))
    lab.stack.control("me-west-1", "refuse")
    try:
        ran = playbooks.run(lab, "--limit", "eu-central-1", inventory=inventory)
    finally:
        lab.stack.control("me-west-1", "open")
    problem = only(problems(ran.output))
    assert problem.startswith("platform_domain")
    assert set(ran.recap) == {"eu-central-1"}
