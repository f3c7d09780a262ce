# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Listeners and rules as HAProxy's configuration."""

from __future__ import annotations

import pytest

from lab.runtime.alb.haproxy import configuration

_ARN = "arn:aws:elasticloadbalancing:me-west-1:111122223333:targetgroup/serving/abc123"
_FORWARD = {"Type": "forward", "TargetGroupArn": _ARN}
_REDIRECT = {
    "Type": "redirect",
    "RedirectConfig": {
        "Protocol": "HTTPS",
        "Port": "443",
        "Host": "#{host}",
        "Path": "/#{path}",
        "Query": "#{query}",
        "StatusCode": "HTTP_301",
    },
}


def _rule(action: dict, *conditions: dict) -> dict:
    return {"conditions": list(conditions), "action": action}


def _lines(*rules: dict, targets: int = 1) -> list[str]:
    balancer = {
        "idle_seconds": 60,
        "listeners": [{"port": 443, "protocol": "HTTPS", "rules": list(rules)}],
        "groups": [
            {
                "arn": _ARN,
                "protocol": "HTTPS",
                "targets": [{"name": f"i-{n}-8443", "address": f"10.0.0.{n}", "port": 8443} for n in range(targets)],
            }
        ],
    }
    return [line.strip() for line in configuration(balancer).splitlines()]


def test_it_terminates_tls_and_does_not_verify_targets():
    lines = _lines(_rule(_FORWARD))
    assert "bind :443 ssl crt /etc/lab/certificates-443 alpn h2,http/1.1" in lines
    assert "http-request set-header X-Forwarded-Proto https" in lines
    assert "use_backend group-abc123" in lines
    assert "server i-0-8443 10.0.0.0:8443 ssl verify none alpn http/1.1" in lines


def test_without_targets_it_is_unavailable():
    assert "http-request return status 503" in _lines(_rule(_FORWARD), targets=0)


def test_a_redirection_keeps_path_and_query():
    wanted = "http-request redirect code 301 location https://%[req.hdr(host),field(1,:)]:443%[pathq]"
    assert wanted in _lines(_rule(_REDIRECT))


def test_a_redirection_elsewhere():
    elsewhere = _REDIRECT["RedirectConfig"] | {
        "Protocol": "#{protocol}",
        "Port": "#{port}",
        "Path": "/new",
        "Query": "",
    }
    lines = _lines(_rule({"Type": "redirect", "RedirectConfig": elsewhere}))
    assert "http-request redirect code 301 location https://%[req.hdr(host),field(1,:)]:443/new" in lines


def test_a_fixed_response():
    fixed = {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "it's not\nhere"}
    lines = _lines(_rule({"Type": "fixed-response", "FixedResponseConfig": fixed}))
    assert r"http-request return status 404 content-type text/plain string 'it'\''s not here'" in lines


def test_an_answer_of_a_later_rule_does_not_come_before_one_that_forwards():
    """HAProxy looks at a frontend's http-request rules before its use_backend rules, wherever they stand."""
    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    lines = _lines(_rule(_FORWARD, {"field": "path-pattern", "values": ["/v1/*"]}), _rule(fixed))
    first = lines.index("use_backend group-abc123 if rule-0-0")
    assert lines[first + 1] == "use_backend answer-443-1"
    assert lines[lines.index("backend answer-443-1") + 1] == "http-request return status 404"


@pytest.mark.parametrize(
    ("field", "values", "acl"),
    [
        ("path-pattern", ["/v1/*", "/a.b?"], r"path -m reg '^/v1/.*$' '^/a\.b.$'"),
        ("host-header", ["*.example.com"], r"req.hdr(host),field(1,:) -m reg -i '^.*\.example\.com$'"),
        ("http-request-method", ["GET", "HEAD"], "method GET HEAD"),
        ("source-ip", ["10.0.0.0/8"], "always_false"),
    ],
)
def test_conditions(field, values, acl):
    lines = _lines(_rule(_FORWARD, {"field": field, "values": values}))
    assert f"acl rule-0-0 {acl}" in lines
    assert "use_backend group-abc123 if rule-0-0" in lines
