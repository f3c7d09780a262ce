# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The region proxies: TLS by the lab's authority, one region each, and a region that can be slowed or cut."""

from __future__ import annotations

import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from lab.stack import Stack


@pytest.fixture
def clients(lab):
    yield lab
    for region in lab.stack.settings.regions:
        if lab.stack.proxy_state(region) != {"mode": "open", "delay_ms": 0}:
            lab.stack.control(region, "open")


def test_certificate_is_the_labs(clients):
    url = urllib.parse.urlsplit(clients.stack.endpoints["me-west-1"])
    trust = ssl.create_default_context(cafile=str(clients.stack.settings.ca_certificate))
    address = (url.hostname, url.port)
    with (
        socket.create_connection(address, timeout=5) as plain,
        trust.wrap_socket(plain, server_hostname=url.hostname) as secured,
    ):
        assert secured.version() == "TLSv1.3"
    with socket.create_connection(address, timeout=5) as plain, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(plain, server_hostname=url.hostname)


def test_everything_listens_on_loopback_only(clients):
    """No process of the lab listens on an address that another machine could reach."""
    pids = {process.pid for process in clients.stack.processes().values()}
    addresses = {address for pid in pids for address in _listening(pid)}
    assert addresses == {"127.0.0.1"}


def _listening(pid: int) -> set[str]:
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                raw = bytes.fromhex(fields[1].split(":")[0])
                words = b"".join(raw[i : i + 4][::-1] for i in range(0, len(raw), 4))
                found.add(socket.inet_ntop(family, words))
    return found


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("ec2", "describe_vpcs", "AuthFailure"),
        ("dynamodb", "list_tables", "InvalidSignatureException"),
        ("sts", "get_caller_identity", "SignatureDoesNotMatch"),
    ],
)
def test_a_proxy_answers_only_for_its_region(clients, service, call, code):
    key = clients.stack.operator_key()
    client = boto3.client(
        service,
        region_name="eu-central-1",
        endpoint_url=clients.stack.endpoints["me-west-1"],
        verify=str(clients.stack.settings.ca_certificate),
        aws_access_key_id=key["access_key_id"],
        aws_secret_access_key=key["secret"],
        config=Config(retries={"max_attempts": 0}),
    )
    with pytest.raises(ClientError) as refusal:
        getattr(client, call)()
    assert refusal.value.response["Error"]["Code"] == code


def test_s3_names_the_region_it_expects(clients):
    """Asked directly: boto3 would sign anew for the region that the refusal names, as it does on AWS."""
    scope = "AKIAEXAMPLE/20260101/eu-central-1/s3/aws4_request"
    authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    request = urllib.request.Request(
        clients.stack.endpoints["me-west-1"] + "/bucket", headers={"Authorization": authorization}
    )
    trust = ssl.create_default_context(cafile=str(clients.stack.settings.ca_certificate))
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=5, context=trust)
    answer = refusal.value.read().decode()
    assert "AuthorizationHeaderMalformed" in answer
    assert "<Region>me-west-1</Region>" in answer


def test_a_cut_region_refuses_and_the_other_answers(clients):
    clients.stack.control("eu-central-1", "refuse")
    with pytest.raises(EndpointConnectionError):
        clients("sts", "eu-central-1").get_caller_identity()
    assert clients("sts", "me-west-1").get_caller_identity()["Account"] == "111122223333"
    clients.stack.control("eu-central-1", "open")
    assert clients("sts", "eu-central-1").get_caller_identity()["Account"] == "111122223333"


def test_a_cut_ends_connections_that_are_open(clients):
    client = clients("sts", "eu-central-1")
    client.get_caller_identity()  # leaves a connection in the pool
    clients.stack.control("eu-central-1", "refuse")
    with pytest.raises(EndpointConnectionError):
        client.get_caller_identity()


def test_a_silent_region_answers_nothing(clients):
    key = clients.stack.operator_key()
    client = boto3.client(
        "sts",
        region_name="eu-central-1",
        endpoint_url=clients.stack.endpoints["eu-central-1"],
        verify=str(clients.stack.settings.ca_certificate),
        aws_access_key_id=key["access_key_id"],
        aws_secret_access_key=key["secret"],
        config=Config(retries={"max_attempts": 0}, read_timeout=1),
    )
    clients.stack.control("eu-central-1", "silent")
    with pytest.raises(ReadTimeoutError):
        client.get_caller_identity()


def test_a_slowed_region_takes_longer(clients):
    client = clients("sts", "eu-central-1")
    client.get_caller_identity()
    clients.stack.control("eu-central-1", "open", delay_ms=400)
    started = time.monotonic()
    client.get_caller_identity()
    assert time.monotonic() - started >= 0.4


def test_state_outlives_a_restart(clients):
    stack: Stack = clients.stack
    clients("s3").create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "me-west-1"})
    clients("s3").put_object(Bucket="kept", Key="object", Body=b"bytes")
    vpc = clients("ec2").create_vpc(CidrBlock="10.98.0.0/16")["Vpc"]["VpcId"]
    key, endpoints = stack.operator_key(), stack.endpoints
    stack.down(purge=False, say=lambda _line: None)
    stack.up(lambda _line: None, with_networks=False)
    assert (stack.operator_key(), stack.endpoints) == (key, endpoints)
    assert clients("s3").get_object(Bucket="kept", Key="object")["Body"].read() == b"bytes"
    assert vpc in [found["VpcId"] for found in clients("ec2").describe_vpcs()["Vpcs"]]
    clients("ec2").delete_vpc(VpcId=vpc)


def test_identity_policies_are_enforced(clients):
    operator = clients.stack.operator_key()
    with pytest.raises(ClientError, match="iam:CreateUser"):
        clients("iam", "us-east-1", key=(operator["access_key_id"], operator["secret"])).create_user(UserName="another")
    wrong_secret = (operator["access_key_id"], "wrong" * 8)
    with pytest.raises(ClientError, match=r"Signature|signature|credentials|security token"):
        clients("ec2", key=wrong_secret).describe_vpcs()
