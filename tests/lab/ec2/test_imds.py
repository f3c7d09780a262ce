# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The metadata service: tokens, the settings of an instance, and the tree of its paths."""

from __future__ import annotations

import base64
import json

import pytest

from lab.runtime.ec2.imds import Request, Service

_ADDRESS, _OTHER = "10.10.16.4", "10.10.16.5"


def _facts(**options: str) -> dict:
    instance = {
        "InstanceId": "i-1",
        "ImageId": "ami-1",
        "InstanceType": "t3.small",
        "Architecture": "x86_64",
        "LaunchTime": "2026-01-01T00:00:00Z",
        "PrivateIpAddress": _ADDRESS,
        "PrivateDnsName": "ip-10-10-16-4.me-west-1.compute.internal",
        "PublicIpAddress": "",
        "PublicDnsName": "",
        "Placement": {"AvailabilityZone": "me-west-1a"},
        "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "one"}],
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "UserData": base64.b64encode(b"#!/bin/sh\n\xff").decode(),
        "MetadataOptions": options,
    }
    return {
        "instance": instance,
        "account": "111122223333",
        "region": "me-west-1",
        "zone_id": "mew1-az1",
        "mac": "0a:00:00:00:00:01",
        "interface": "eni-1",
        "subnet_cidr": "10.10.16.0/20",
        "vpc_cidr": "10.10.0.0/16",
        "tags": {"tier": "runner", "a/b": "has no path"},
        "profile": {"Arn": "arn:aws:iam::111122223333:instance-profile/runner", "InstanceProfileId": "AIPA1"},
        "role": "runner",
    }


def _service(**options: str) -> Service:
    facts = _facts(**options)
    return Service(
        lambda address: facts if address in (_ADDRESS, _OTHER) else None, lambda address: {"AccessKeyId": address}
    )


def _get(service: Service, path: str, address: str = _ADDRESS, **headers: str):
    return service.answer(address, Request("GET", path, headers))


def _token(service: Service, seconds: str = "60", **headers: str):
    headers |= {"x-aws-ec2-metadata-token-ttl-seconds": seconds}
    return service.answer(_ADDRESS, Request("PUT", "/latest/api/token", headers))


def test_version_2_wants_a_token_of_this_instance():
    service = _service(HttpTokens="required")
    path = "/latest/meta-data/instance-id"
    token = {"x-aws-ec2-metadata-token": _token(service).body.decode()}
    assert _get(service, path).status == 401
    assert _get(service, path, **token).body == b"i-1"
    assert _get(service, path, address=_OTHER, **token).status == 401
    assert _get(service, path, **{"x-aws-ec2-metadata-token": "made-up"}).status == 401


def test_version_1_answers_where_tokens_are_optional():
    assert _get(_service(), "/2021-03-23/meta-data/placement/region").body == b"me-west-1"


@pytest.mark.parametrize("seconds", ["0", "21601", "", "soon"])
def test_a_token_has_a_lifetime_that_aws_allows(seconds):
    assert _token(_service(), seconds).status == 400


def test_a_proxy_gets_no_token():
    assert _token(_service(), **{"x-forwarded-for": "198.51.100.1"}).status == 403


def test_a_disabled_service_and_a_stranger_get_nothing():
    assert _get(_service(HttpEndpoint="disabled"), "/latest/meta-data/").status == 403
    assert _get(_service(), "/latest/meta-data/", address="10.10.16.9").status == 404


def test_folders_are_listed_as_aws_lists_them():
    names = _get(_service(), "/latest/meta-data/").body.decode().split("\n")
    assert {"instance-id", "iam/", "placement/", "network/"} <= set(names)
    assert "tags/" not in names
    assert "public-ipv4" not in names


def test_tags_are_shown_where_the_launch_allows_it():
    service = _service(InstanceMetadataTags="enabled")
    assert _get(service, "/latest/meta-data/tags/instance").body == b"tier"
    assert _get(service, "/latest/meta-data/tags/instance/tier").body == b"runner"


def test_an_interruption_is_told_of_once_it_is_known():
    notice, advice = "/latest/meta-data/spot/instance-action", "/latest/meta-data/events/recommendations/rebalance"
    assert {_get(_service(), path).status for path in (notice, advice)} == {404}
    told = _facts() | {"interruption": {"told": 1767225600.0, "due": 1767225720.0}}
    service = Service(lambda _address: told, lambda _address: None)
    assert json.loads(_get(service, notice).body) == {"action": "terminate", "time": "2026-01-01T00:02:00Z"}
    assert json.loads(_get(service, advice).body) == {"noticeTime": "2026-01-01T00:00:00Z"}


def test_user_data_is_what_was_sent():
    assert _get(_service(), "/latest/user-data").body == b"#!/bin/sh\n\xff"


def test_identity_and_credentials_are_documents():
    identity = json.loads(_get(_service(), "/latest/dynamic/instance-identity/document").body)
    assert (identity["instanceId"], identity["region"]) == ("i-1", "me-west-1")
    assert _get(_service(), "/latest/meta-data/iam/security-credentials/").body == b"runner"
    assert json.loads(_get(_service(), "/latest/meta-data/iam/security-credentials/runner").body) == {
        "AccessKeyId": _ADDRESS
    }


@pytest.mark.parametrize("path", ["/latest/meta-data/nothing", "/nowhere", "/latest/meta-data/instance-id/more"])
def test_what_is_not_there_is_not_found(path):
    assert _get(_service(), path).status == 404
