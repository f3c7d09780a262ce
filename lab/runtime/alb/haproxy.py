# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Render a load balancer's listeners and rules as HAProxy's configuration: pure.

Forwarded requests get X-Forwarded-For, -Proto and -Port; targets' certificates are not verified; where no target is healthy all get
requests (fail open), as an Application Load Balancer does.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/introduction.html
"""

from __future__ import annotations

import re

FOLDER = "/etc/lab"

_HEAD = """\
global
    log stdout format raw local0 notice
    maxconn 2000
    ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
    mode http
    log global
    option forwardfor
    option dontlognull
    timeout connect 5s
    timeout client {idle}s
    timeout server {idle}s
    timeout http-request {idle}s
"""
# What a redirection's templates stand for.
_FETCHES = {
    "#{protocol}": "{protocol}",
    "#{port}": "{port}",
    "#{host}": "%[req.hdr(host),field(1,:)]",
    "/#{path}": "%[path]",
    "#{path}": "%[path,regsub(^/,)]",
    "#{query}": "%[query]",
}


def configuration(balancer: dict) -> str:
    """Return the whole file. `balancer` is what the control API says (lab/emulator/control_api/load_balancers.py)."""
    parts = [_HEAD.format(idle=balancer["idle_seconds"])]
    parts += [_frontend(listener) for listener in balancer["listeners"]]
    parts += [_answers(listener) for listener in balancer["listeners"]]
    parts += [_backend(group) for group in balancer["groups"]]
    return "\n".join(parts)


def certificate_folder(listener: dict) -> str:
    """Return where a listener's certificates are, the default one first by its name."""
    return f"certificates-{listener['port']}"


def _frontend(listener: dict) -> str:
    port, secure = listener["port"], listener["protocol"] == "HTTPS"
    tls = f" ssl crt {FOLDER}/{certificate_folder(listener)} alpn h2,http/1.1" if secure else ""
    lines = [
        f"frontend listener-{port}",
        f"    bind :{port}{tls}",
        f"    http-request set-header X-Forwarded-Proto {'https' if secure else 'http'}",
        f"    http-request set-header X-Forwarded-Port {port}",
    ]
    for number, rule in enumerate(listener["rules"]):
        name = f"rule-{number}"
        conditions = [f"{name}-{position}" for position, _item in enumerate(rule["conditions"])]
        lines += [f"    acl {acl} {_condition(item)}" for acl, item in zip(conditions, rule["conditions"], strict=True)]
        where = _backend_of(rule["action"], listener, number)
        lines.append(f"    use_backend {where}{' if ' + ' '.join(conditions) if conditions else ''}")
    return "\n".join(lines) + "\n"


def _answers(listener: dict) -> str:
    """Return a backend for each action that answers by itself: in the frontend it would come before every rule that forwards."""
    lines = []
    for number, rule in enumerate(listener["rules"]):
        if rule["action"]["Type"] != "forward":
            lines.append(f"backend {_backend_of(rule['action'], listener, number)}")
            lines.append(f"    {_answer(rule['action'], listener)}")
    return "\n".join(lines) + "\n"


def _backend_of(action: dict, listener: dict, number: int) -> str:
    """Return the name of what handles the requests of a listener's rule."""
    if action["Type"] == "forward":
        return group_name(action["TargetGroupArn"])
    return f"answer-{listener['port']}-{number}"


def _condition(condition: dict) -> str:
    patterns = " ".join(_pattern(value) for value in condition["values"])
    match condition["field"]:
        case "host-header":
            return f"req.hdr(host),field(1,:) -m reg -i {patterns}"
        case "path-pattern":
            return f"path -m reg {patterns}"
        case "http-request-method":
            return f"method {' '.join(condition['values'])}"
    return "always_false"  # a condition that the lab doesn't know matches nothing


def _pattern(value: str) -> str:
    """`*` and `?` as a regular expression, quoted for the file."""
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in value)
    return _quoted(f"^{expression}$")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''").replace("\n", " ") + "'"


def _answer(action: dict, listener: dict) -> str:
    if action["Type"] == "redirect":
        location, code = _location(action["RedirectConfig"], listener), action["RedirectConfig"]["StatusCode"][-3:]
        return f"http-request redirect code {code} location {location}"
    fixed = action.get("FixedResponseConfig", {"StatusCode": "503"})
    kind, body = fixed.get("ContentType", "text/plain"), fixed.get("MessageBody", "")
    text = f" content-type {kind} string {_quoted(body)}" if body else ""
    return f"http-request return status {fixed['StatusCode']}{text}"


def _location(redirect: dict, listener: dict) -> str:
    def filled(name: str) -> str:
        value = redirect[name]
        for template, fetch in _FETCHES.items():
            value = value.replace(template, fetch)
        return value.format(protocol=listener["protocol"].lower(), port=listener["port"])

    rest = filled("Path")
    if redirect["Query"] == "#{query}" and redirect["Path"] == "/#{path}":
        rest = "%[pathq]"
    elif redirect["Query"]:
        rest += f"?{filled('Query')}"
    return f"{filled('Protocol').lower()}://{filled('Host')}:{filled('Port')}{rest}"


def group_name(arn: str) -> str:
    """Return a target group's name in the file."""
    return "group-" + arn.rpartition("/")[2]


def _backend(group: dict) -> str:
    tls = " ssl verify none alpn http/1.1" if group["protocol"] == "HTTPS" else ""
    lines = [f"backend {group_name(group['arn'])}", "    balance roundrobin"]
    lines += [f"    server {target['name']} {target['address']}:{target['port']}{tls}" for target in group["targets"]]
    if not group["targets"]:
        lines.append("    http-request return status 503")
    return "\n".join(lines) + "\n"
