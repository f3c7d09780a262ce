# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._dns_delegation_info.model import (
    Heard,
    explain,
    judge,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._dns_delegation_info.resolver import _nameserver

OURS = ["ns-1.example", "ns-2.example"]


@pytest.mark.parametrize(
    ("zone", "heard", "status"),
    [
        (None, Heard(), "no_zone"),
        (OURS, Heard(tuple(OURS)), "delegated"),
        (OURS, Heard(reason="the name does not exist"), "not_delegated"),
        (OURS, Heard(("ns.parking.example",)), "delegated_elsewhere"),
        (OURS, Heard(("ns-1.example", "ns.old.example")), "partly_delegated"),
        (OURS, Heard(("ns-1.example",)), "partly_delegated"),
        (OURS, Heard(reason="no answer", asked=False), "unknown"),
    ],
)
def test_the_answer_is_compared_with_the_zone(zone, heard, status):
    assert judge(zone, heard) == status
    text = explain("learn.example", zone, heard)
    assert "learn.example" in text
    if status in ("not_delegated", "delegated_elsewhere", "partly_delegated"):
        assert "to exactly these: ns-1.example, ns-2.example" in text


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("192.0.2.1", "192.0.2.1", 53),
        ("192.0.2.1:5353", "192.0.2.1", 5353),
        ("2001:db8::1", "2001:db8::1", 53),
        ("[2001:db8::1]:5353", "2001:db8::1", 5353),
    ],
)
def test_a_resolver_may_have_a_port(text, address, port):
    server = _nameserver(text)
    assert (server.address, server.port) == (address, port)
