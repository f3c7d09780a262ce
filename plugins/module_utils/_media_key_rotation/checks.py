# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find what is wrong with the options, before anything is read. Pure functions."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding

_ROTATION = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_ADDRESS = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_POSITIVE = ("concurrency", "kms_requests_per_s", "max_assets", "wait_timeout")


def check_options(options: t.Mapping[str, t.Any]) -> list[Finding]:
    """Find what is wrong with the options by themselves."""
    found = [*_servers(options["servers"]), *_numbers(options), *_together(options)]
    if options["rotation_id"] is not None and not _ROTATION.fullmatch(options["rotation_id"]):
        found.append(
            f"O(rotation_id) {options['rotation_id']!r} must be up to 80 lower-case letters, digits and dashes."
        )
    return [Finding("wrong", "options", text) for text in found]


def _servers(servers: t.Sequence[t.Mapping[str, t.Any]]) -> t.Iterator[str]:
    regions = [server["region"] for server in servers]
    if not servers:
        yield "O(servers) is empty. Fix: name the media server of each region."
    for name in sorted({region for region in regions if regions.count(region) > 1}):
        yield f"O(servers) names {name} twice."
    for server in servers:
        url = urlsplit(server["url"])
        if url.scheme != "https" or not url.hostname or url.path.strip("/") or url.query or url.username:
            yield f"The URL of {server['region']} in O(servers) must be https://host or https://host:port, and nothing more."
        if server["address"] and not _ADDRESS.fullmatch(server["address"]):
            yield f"The address of {server['region']} in O(servers) must be a host or host:port."


def _numbers(options: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    for name in _POSITIVE:
        if options[name] is not None and options[name] <= 0:
            yield f"O({name}) is {options[name]}: it must be more than 0."
    if options["retain_old"] is not None and options["retain_old"] < 0:
        yield f"O(retain_old) is {options['retain_old']}: it can't be negative."


def _together(options: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    scope = {name: value for name, value in options["scope"].items() if value}
    if options["mode"] == "reencrypt" and options["target_kms_key"]:
        yield "O(target_kms_key) goes with O(mode=rewrap): O(mode=reencrypt) makes new content keys under the tenants' keys."
    if scope.get("asset") and not scope.get("tenant"):
        yield "O(scope.asset) needs O(scope.tenant)."
    if options["mode"] == "rewrap" and options["target_kms_key"] and {"asset", "older_than"} & set(scope):
        yield "KMS wraps the keys of whole tenants: with O(target_kms_key), O(scope) takes C(tenant) and C(kms_key_arn) only."
