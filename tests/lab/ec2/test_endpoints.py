# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""AWS's names inside a VPC: which region's API they lead to, and how the resolver answers."""

from __future__ import annotations

import ipaddress
import struct
from fnmatch import fnmatchcase

import pytest

from lab.runtime.ec2 import dns
from lab.runtime.vpc import endpoints

_REGIONS = ("me-west-1", "eu-central-1", "us-east-1")
_NAMES = dns.Names("me-west-1", endpoints.addresses(_REGIONS), "10.10.0.0/16")

_AWS_NAMES = [
    ("s3.me-west-1.amazonaws.com", "me-west-1"),
    ("bucket.s3.me-west-1.amazonaws.com", "me-west-1"),
    ("bucket.s3.dualstack.eu-central-1.amazonaws.com", "eu-central-1"),
    ("api.ecr.eu-central-1.amazonaws.com", "eu-central-1"),
    ("sts.amazonaws.com", "us-east-1"),
    ("bucket.s3.amazonaws.com", "us-east-1"),
]


@pytest.mark.parametrize(("name", "region"), _AWS_NAMES)
def test_a_name_of_aws_leads_to_its_region_whose_certificate_has_it(name, region):
    assert endpoints.region_of(name, _REGIONS) == region
    labels = name.count(".")
    assert any(fnmatchcase(name, host) and host.count(".") == labels for host in endpoints.certificate_hosts(region))


@pytest.mark.parametrize(
    "name",
    ["s3.ap-south-1.amazonaws.com", "amazonaws.com", "me-west-1.amazonaws.com", "example.org", "notamazonaws.com"],
)
def test_no_other_name_leads_anywhere(name):
    assert endpoints.region_of(name, _REGIONS) is None


def _query(name: str, kind: int) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)


@pytest.mark.parametrize(
    ("name", "kind", "code", "address"),
    [
        ("S3.me-west-1.amazonaws.com", 1, 0, "198.18.0.1"),
        ("sts.amazonaws.com", 1, 0, "198.18.0.3"),
        ("sts.amazonaws.com", 28, 0, None),
        ("ip-10-10-16-4.me-west-1.compute.internal", 1, 0, "10.10.16.4"),
        ("ip-10-20-16-4.me-west-1.compute.internal", 1, 3, None),
        ("ip-10-10-16-400.me-west-1.compute.internal", 1, 3, None),
        ("example.org", 1, 3, None),
    ],
)
def test_the_resolver_answers(name, kind, code, address):
    query = _query(name, kind)
    reply = dns.answer(query, _NAMES)
    identifier, flags, questions, answers = struct.unpack("!HHHH", reply[:8])
    assert (identifier, flags & 0x800F, questions) == (7, 0x8000 | code, 1)
    assert reply[12 : len(query)] == query[12:]
    assert answers == (1 if address else 0)
    if address:
        assert reply[-4:] == ipaddress.IPv4Address(address).packed


def test_a_broken_query_is_refused():
    assert struct.unpack("!H", dns.answer(b"\0\7\1\0\0\1\0\0\0\0\0\0\x3fabc", _NAMES)[2:4])[0] & 0xF == 1
