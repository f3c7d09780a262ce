# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_flow_logs.model import (
    DEFAULT_FORMAT,
    FlowLog,
    Settings,
    Wanted,
    plain_destination,
    plan,
    problems,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._vpc_flow_logs.store import FlowLogStore

GROUP = "arn:aws:logs:me-west-1:111122223333:log-group:flows"
ROLE = "arn:aws:iam::111122223333:role/flows"
SETTINGS = Settings("cloud-watch-logs", GROUP, ROLE, "ALL", 600, DEFAULT_FORMAT)
TAGS = {"tier": "network"}


def want(resource="vpc-1", tags=TAGS, **changed):
    return Wanted(resource, "network", dataclasses.replace(SETTINGS, **changed), tags)


def have(number=1, resource="vpc-1", tags=TAGS, **changed):
    return FlowLog(f"fl-{number}", resource, dataclasses.replace(SETTINGS, **changed), tags)


def actions(*arguments, **options):
    return [(change.action, change.data.flow_log_id) for change in plan(*arguments, **options)]


def test_what_is_as_wanted_needs_nothing():
    assert plan([want()], [have()]) == []


def test_what_is_missing_is_created():
    (change,) = plan([want(resource=None)], [])
    assert (change.action, change.before, change.after["tags"]) == ("create", None, TAGS)
    assert change.resource == "flow log of network (ALL) to flows"


@pytest.mark.parametrize(
    "changed",
    [
        {"traffic_type": "REJECT"},
        {"aggregation_interval": 60},
        {"format": "${version}"},
        {"role_arn": ROLE + "2"},
        {"destination_type": "s3"},
    ],
)
def test_what_cannot_be_changed_is_replaced(changed):
    (change,) = plan([want(**changed)], [have()])
    assert (change.action, change.data.flow_log_id) == ("replace", "fl-1")
    ((key, value),) = changed.items()
    assert change.after[key] == value
    assert change.before[key] == getattr(SETTINGS, key)


_IN_S3 = {
    "destination_type": "s3",
    "destination": "arn:aws:s3:::flows",
    "file_format": "parquet",
    "hive_compatible_partitions": True,
    "per_hour_partition": False,
}
_UNSTATED = dict.fromkeys(("file_format", "hive_compatible_partitions", "per_hour_partition"))


def test_how_a_flow_log_is_written_to_s3_is_drift_where_it_is_stated():
    """https://github.com/hashicorp/terraform-provider-aws/issues/21411"""
    (change,) = plan([want(**_IN_S3 | {"file_format": "plain-text"})], [have(**_IN_S3)])
    assert (change.action, change.before["file_format"], change.after["file_format"]) == (
        "replace",
        "parquet",
        "plain-text",
    )
    assert plan([want(**_IN_S3)], [have(**_IN_S3)]) == []


def test_what_is_not_stated_of_s3_stays_also_through_a_replacement():
    assert plan([want(**_IN_S3 | _UNSTATED)], [have(**_IN_S3)]) == []
    (change,) = plan([want(**_IN_S3 | _UNSTATED, aggregation_interval=60)], [have(**_IN_S3)])
    assert change.action == "replace"
    assert change.data.wanted.settings.file_format == "parquet"
    assert change.data.wanted.settings.hive_compatible_partitions is True


def test_files_are_of_s3_only():
    (problem,) = problems([want(file_format="parquet")])
    assert "file_format is for flow logs to S3" in problem


def test_another_destination_is_another_flow_log():
    assert actions([want(destination=GROUP + "2")], [have()]) == [("create", None)]
    assert actions([want(destination=GROUP + "2")], [have()], purge=True) == [("create", None), ("delete", "fl-1")]


def test_tags_are_changed_in_place():
    (change,) = plan([want(tags={"tier": "other"})], [have(tags={"tier": "network", "more": "1"})])
    assert (change.action, change.data.tags_to_set, change.data.tags_to_remove) == (
        "update",
        {"tier": "other"},
        ("more",),
    )
    (change,) = plan([want(tags={"tier": "other"})], [have(tags={"tier": "network", "more": "1"})], purge_tags=False)
    assert (change.data.tags_to_remove, change.after) == ((), {"tags": {"tier": "other", "more": "1"}})
    assert plan([want(tags=None)], [have()]) == []


def test_a_replaced_flow_log_keeps_its_tags_where_none_are_wanted():
    (change,) = plan([want(tags=None, aggregation_interval=60)], [have()])
    assert change.data.wanted.tags == TAGS


def test_equal_ones_are_paired_first():
    """Accepted and refused traffic to one log group: each keeps its own, in whatever order AWS lists them."""
    wanted = [want(traffic_type="REJECT"), want(traffic_type="ACCEPT")]
    assert plan(wanted, [have(1, traffic_type="ACCEPT"), have(2, traffic_type="REJECT")]) == []
    changes = plan(wanted, [have(1, traffic_type="ACCEPT"), have(2, traffic_type="ALL")])
    assert [(change.action, change.data.flow_log_id) for change in changes] == [("replace", "fl-2")]
    names = [change.resource for change in plan(wanted, [])]
    assert len(set(names)) == 2


def test_a_twin_is_purged():
    assert actions([want()], [have(1), have(2)]) == []
    assert actions([want()], [have(1), have(2)], purge=True) == [("delete", "fl-2")]


def test_absent_removes_whatever_the_settings():
    assert actions([want(aggregation_interval=60)], [have()], absent=True) == [("delete", "fl-1")]
    assert actions([want()], [], absent=True) == []
    assert actions([want(resource=None)], [have()], absent=True) == []
    assert actions([want()], [have(1), have(2, destination=GROUP + "2")], absent=True, purge=True) == [
        ("delete", "fl-1"),
        ("delete", "fl-2"),
    ]


def test_problems_are_found_before_anything_is_read():
    assert problems([want()]) == []
    assert "listed twice" in problems([want(), want()])[0]
    assert "role_arn" in problems([want(role_arn=None)])[0]
    assert problems([want(role_arn=None)], absent=True) == []
    assert "ARN" in problems([want(destination="flows")])[0]
    with pytest.raises(PlatformError, match="tgw-1"):
        problems([want(resource="tgw-1")])


def test_a_log_groups_wildcard_is_no_difference():
    assert plain_destination(GROUP + ":*") == GROUP
    assert plain_destination("arn:aws:s3:::logs/*") == "arn:aws:s3:::logs/*"


class Client:
    """Remembers calls; answers with what it was given."""

    def __init__(self, **answers):
        self.answers = answers
        self.calls = []

    def __getattr__(self, name):
        def call(**arguments):
            self.calls.append((name, arguments))
            return self.answers.get(name, {})

        return call

    def get_paginator(self, name):
        client = self

        class Pages:
            def paginate(self, **arguments):
                return [getattr(client, name)(**arguments)]

        return Pages()


def test_reads_what_aws_says():
    item = {
        "FlowLogId": "fl-1",
        "ResourceId": "vpc-1",
        "LogDestination": GROUP + ":*",
        "LogDestinationType": "cloud-watch-logs",
        "DeliverLogsPermissionArn": ROLE,
        "TrafficType": "ALL",
        "MaxAggregationInterval": 600,
        "LogFormat": DEFAULT_FORMAT,
        "DeliverLogsStatus": "FAILED",
        "DeliverLogsErrorMessage": "Access error",
        "Tags": [{"Key": "tier", "Value": "network"}, {"Key": "aws:created", "Value": "x"}],
    }
    store = FlowLogStore(Client(describe_flow_logs={"FlowLogs": [item]}), "me-west-1")
    (found,) = store.read({"vpc-1"})
    assert found == dataclasses.replace(have(), problem="Access error")


def test_a_vpc_is_found_by_its_name_once():
    vpcs = [{"VpcId": f"vpc-{n}", "Tags": [{"Key": "Name", "Value": "network"}]} for n in (1, 2)]
    assert FlowLogStore(Client(describe_vpcs={"Vpcs": vpcs[:1]}), "r").vpcs_named({"network"}) == {"network": "vpc-1"}
    with pytest.raises(PlatformError, match=r"vpc-1 and vpc-2"):
        FlowLogStore(Client(describe_vpcs={"Vpcs": vpcs}), "r").vpcs_named({"network"})
    assert FlowLogStore(Client(), "r").vpcs_named(set()) == {}


def test_each_step_is_one_call():
    client = Client()
    store = FlowLogStore(client, "me-west-1")
    store.apply(plan([want(aggregation_interval=60)], [have()]))
    assert [name for name, _arguments in client.calls] == ["delete_flow_logs", "create_flow_logs"]
    arguments = client.calls[1][1]
    assert arguments["MaxAggregationInterval"] == 60
    assert arguments["TagSpecifications"][0]["ResourceType"] == "vpc-flow-log"
    assert "LogFormat" not in arguments
    client.calls.clear()
    store.apply(plan([want(tags={"new": "1"})], [have()]))
    assert [name for name, _arguments in client.calls] == ["delete_tags", "create_tags"]


def test_what_aws_refuses_is_told():
    refusal = {
        "Unsuccessful": [{"ResourceId": "vpc-1", "Error": {"Code": "LogDestinationNotFound", "Message": "none"}}]
    }
    store = FlowLogStore(Client(create_flow_logs=refusal), "me-west-1")
    with pytest.raises(
        PlatformError, match=r"create the flow log of network .* in me-west-1.*LogDestinationNotFound: none"
    ):
        store.apply(plan([want()], []))
    with pytest.raises(PlatformError, match=r"fl-1, is deleted"):
        store.apply(plan([want(aggregation_interval=60)], [have()]))
    with pytest.raises(PlatformError, match="Create it first"):
        store.apply(plan([want(resource=None)], []))
