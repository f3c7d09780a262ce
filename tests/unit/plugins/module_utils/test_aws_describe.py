# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Queries of aws_describe_info, with boto3's models and no network: what is refused, in which order they run, what is returned."""

from __future__ import annotations

import datetime

import boto3
import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws_describe.model import in_rounds, queries_of
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws_describe.reader import Reader
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from botocore.stub import Stubber

ZONES = {"name": "zones", "operation": "describe_availability_zones"}
VPCS = {"name": "vpcs", "operation": "describe_vpcs", "key": "Vpcs"}
IN_VPC = {"query": "vpcs", "attribute": "vpc_id", "parameter": None, "filter": "vpc-id", "merge": False}
TWO_VPCS = {"Vpcs": [{"VpcId": "vpc-1", "Tags": [{"Key": "Name", "Value": "one"}]}, {"VpcId": "vpc-2"}]}


def options(**changed):
    return {
        "service": "ec2",
        "parameters": {},
        "filters": None,
        "key": None,
        "for_each": None,
        "absent_codes": [],
        "ignore_errors": False,
        "region": None,
        "timeout": None,
    } | changed


def queries(*changed):
    return queries_of([options(**item) for item in changed])


class Answers:
    """Clients whose answers are given beforehand, in the order of the calls."""

    def __init__(self, session):
        self.session, self.clients, self.stubs = session, {}, {}

    def client(self, query):
        self.stub(query.service)
        return self.clients[query.service]

    def stub(self, service):
        if service not in self.clients:
            self.clients[service] = self.session.client(service)
            self.stubs[service] = Stubber(self.clients[service])
            self.stubs[service].activate()
        return self.stubs[service]

    def read(self, *wanted):
        reader = Reader(self.client)
        found = reader.read(queries(*wanted))
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()
        return found, reader.errors


@pytest.fixture(scope="module")
def session():
    return boto3.session.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="me-west-1")


@pytest.fixture
def answers(session):
    return Answers(session)


@pytest.mark.parametrize("operation", ["create_vpc", "delete_vpc", "start_instances", "describe"])
def test_operations_that_do_not_read_are_refused(operation):
    with pytest.raises(PlatformError, match="only operations that begin with describe_, get_ or list_"):
        queries({"name": "vpcs", "operation": operation})


@pytest.mark.parametrize(
    "changed",
    [
        {"service": "secretsmanager", "operation": "get_secret_value"},
        {"service": "secretsmanager", "operation": "get_random_password"},
        {"service": "ssm", "operation": "get_parameter", "parameters": {"WithDecryption": True}},
        {"service": "ssm", "operation": "get_parameters_by_path", "parameters": {"WithDecryption": "true"}},
        {"service": "ecr", "operation": "get_authorization_token"},
        {"service": "sts", "operation": "get_session_token"},
        {"service": "ec2", "operation": "get_password_data"},
    ],
)
def test_operations_that_answer_with_a_secret_are_refused(changed):
    with pytest.raises(PlatformError, match="would return a secret"):
        queries({"name": "it", **changed})


def test_a_parameter_that_is_not_decrypted_may_be_read():
    assert queries({"name": "it", "service": "ssm", "operation": "get_parameter", "parameters": {"Name": "ami"}})


def test_two_queries_of_one_name_are_refused():
    with pytest.raises(PlatformError, match="Two queries are named zones"):
        queries(ZONES, ZONES)


def test_a_query_comes_after_the_one_that_it_repeats_for():
    subnets = {"name": "subnets", "operation": "describe_subnets", "for_each": IN_VPC}
    rounds = in_rounds(queries(subnets, ZONES, VPCS))
    assert [[query.name for query in ready] for ready in rounds] == [["zones", "vpcs"], ["subnets"]]


@pytest.mark.parametrize("other", ["subnets", "nothing"])
def test_a_query_that_waits_for_itself_or_for_none_is_refused(other):
    with pytest.raises(PlatformError, match=f"for each item of {other}"):
        in_rounds(queries({"name": "subnets", "operation": "describe_subnets", "for_each": IN_VPC | {"query": other}}))


def test_answers_have_snake_case_and_tags_as_a_dictionary(answers):
    answers.stub("ec2").add_response(
        "describe_vpcs", TWO_VPCS, {"Filters": [{"Name": "tag:Name", "Values": ["one", "2"]}]}
    )
    found, errors = answers.read(VPCS | {"filters": {"tag:Name": ["one", 2]}})
    assert found == {"vpcs": [{"vpc_id": "vpc-1", "tags": {"Name": "one"}}, {"vpc_id": "vpc-2"}]}
    assert errors == {}


def test_filters_take_the_name_that_the_operation_has(answers):
    answers.stub("ec2").add_response(
        "describe_nat_gateways", {"NatGateways": []}, {"Filter": [{"Name": "state", "Values": ["available"]}]}
    )
    wanted = {
        "name": "nats",
        "operation": "describe_nat_gateways",
        "filters": {"state": "available"},
        "key": "NatGateways",
    }
    assert answers.read(wanted)[0] == {"nats": []}


def test_filters_of_an_operation_without_any_are_refused(answers):
    with pytest.raises(PlatformError, match="takes no filters"):
        answers.read({"name": "attribute", "operation": "describe_vpc_attribute", "filters": {"state": "available"}})


def test_a_query_repeats_for_each_item_of_another(answers):
    stub = answers.stub("ec2")
    stub.add_response("describe_vpcs", {"Vpcs": [TWO_VPCS["Vpcs"][0]]})
    stub.add_response(
        "describe_subnets", {"Subnets": [{"SubnetId": "s-1"}]}, {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]}
    )
    subnets = {"name": "subnets", "operation": "describe_subnets", "key": "Subnets", "for_each": IN_VPC}
    assert answers.read(subnets, VPCS)[0]["subnets"] == [{"subnet_id": "s-1", "vpc_id": "vpc-1"}]


def test_an_answer_can_be_merged_into_the_item_it_was_asked_for(answers):
    stub = answers.stub("elbv2")
    stub.add_response("describe_load_balancers", {"LoadBalancers": [{"LoadBalancerArn": "arn-1" * 5}]})
    tags = [{"ResourceArn": "arn-1" * 5, "Tags": [{"Key": "tier", "Value": "media"}]}]
    stub.add_response("describe_tags", {"TagDescriptions": tags}, {"ResourceArns": ["arn-1" * 5]})
    each = {
        "query": "balancers",
        "attribute": "load_balancer_arn",
        "parameter": "ResourceArns",
        "filter": None,
        "merge": True,
    }
    found, _errors = answers.read(
        {"name": "balancers", "service": "elbv2", "operation": "describe_load_balancers", "key": "LoadBalancers"},
        {"name": "tags", "service": "elbv2", "operation": "describe_tags", "key": "TagDescriptions", "for_each": each},
    )
    assert found == {
        "balancers": [{"load_balancer_arn": "arn-1" * 5, "resource_arn": "arn-1" * 5, "tags": {"tier": "media"}}]
    }


def test_pages_are_read_to_the_end(answers):
    stub = answers.stub("ec2")
    stub.add_response("describe_vpcs", {"Vpcs": [{"VpcId": "vpc-1"}], "NextToken": "more"})
    stub.add_response("describe_vpcs", {"Vpcs": [{"VpcId": "vpc-2"}]}, {"NextToken": "more"})
    assert answers.read(VPCS)[0] == {"vpcs": [{"vpc_id": "vpc-1"}, {"vpc_id": "vpc-2"}]}


def test_a_path_joins_the_lists_on_its_way(answers):
    groups = [{"Instances": [{"InstanceId": "i-1"}, {"InstanceId": "i-2"}]}, {"Instances": [{"InstanceId": "i-3"}]}]
    answers.stub("ec2").add_response("describe_instances", {"Reservations": groups})
    found, _errors = answers.read({"name": "all", "operation": "describe_instances", "key": "Reservations.Instances"})
    assert [item["instance_id"] for item in found["all"]] == ["i-1", "i-2", "i-3"]


def test_a_key_that_the_answer_has_not_is_refused_with_those_it_has(answers):
    answers.stub("ec2").add_response("describe_vpcs", {"Vpcs": []})
    with pytest.raises(PlatformError, match=r"no member Vpc\..*Vpcs"):
        answers.read(VPCS | {"key": "Vpc"})


def test_codes_that_mean_none_give_no_items(answers):
    answers.stub("ec2").add_client_error("describe_vpcs", "InvalidVpcID.NotFound")
    assert answers.read(VPCS | {"absent_codes": ["InvalidVpcID.NotFound"]}) == ({"vpcs": []}, {})


def test_other_codes_fail_and_say_what_was_read(answers):
    answers.stub("ec2").add_client_error("describe_vpcs", "UnauthorizedOperation", "no")
    with pytest.raises(PlatformError, match=r"Could not read vpcs \(ec2 describe_vpcs\) in me-west-1: .*Unauthorized"):
        answers.read(VPCS)


def test_an_error_that_is_ignored_is_returned_beside_the_rest(answers):
    answers.stub("ec2").add_client_error("describe_vpcs", "RequestLimitExceeded", "slow down")
    found, errors = answers.read(VPCS | {"ignore_errors": True})
    assert found == {"vpcs": []}
    assert "slow down" in errors["vpcs"]


def test_what_the_api_calls_sensitive_is_left_out(answers):
    data = {"ImageId": "ami-1", "UserData": "c2VjcmV0"}
    version = {"VersionNumber": 1, "LaunchTemplateData": data}
    answers.stub("ec2").add_response("describe_launch_template_versions", {"LaunchTemplateVersions": [version]})
    found, _errors = answers.read(
        {"name": "versions", "operation": "describe_launch_template_versions", "key": "LaunchTemplateVersions"}
    )
    assert found["versions"] == [{"version_number": 1, "launch_template_data": {"image_id": "ami-1"}}]


def test_keys_of_maps_are_data_unless_the_api_lists_them(answers):
    queue = "https://sqs.me-west-1.amazonaws.com/111122223333/jobs"
    answers.stub("sqs").add_response("get_queue_attributes", {"Attributes": {"VisibilityTimeout": "30"}})
    each = {"service": "sqs", "parameters": {"QueueUrl": queue}}
    found, _errors = answers.read({"name": "attributes", "operation": "get_queue_attributes", **each})
    assert found["attributes"] == [{"attributes": {"visibility_timeout": "30"}}]
    answers.stub("sqs").add_response("list_queue_tags", {"Tags": {"managedBy": "kc"}})
    found, _errors = answers.read({"name": "tags", "operation": "list_queue_tags", **each})
    assert found["tags"] == [{"tags": {"managedBy": "kc"}}]


def test_times_are_text(answers):
    when = datetime.datetime(2026, 11, 30, 8, tzinfo=datetime.UTC)
    answers.stub("ec2").add_response("describe_nat_gateways", {"NatGateways": [{"CreateTime": when}]})
    found, _errors = answers.read({"name": "nats", "operation": "describe_nat_gateways", "key": "NatGateways"})
    assert found["nats"] == [{"create_time": "2026-11-30T08:00:00+00:00"}]


def test_content_is_refused(answers):
    with pytest.raises(PlatformError, match="returns content"):
        answers.read({"name": "object", "service": "s3", "operation": "get_object"})


def test_an_operation_that_the_service_has_not_is_refused(answers):
    with pytest.raises(PlatformError, match="has no operation describe_cars"):
        answers.read({"name": "cars", "operation": "describe_cars"})
