# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Promote the replicated secrets of a region, which are read-only until then, and let them name the new writer.

The client is passed in. Values are read for the second only, and are in no message. ListSecrets may lag minutes behind, so what it
says is asked again where AWS contradicts it.
"""

from __future__ import annotations

import json
import typing as t
import uuid

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing, error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel

_BATCH = 20  # secrets that BatchGetSecretValue returns at a time
_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})


class Moved(t.NamedTuple):
    """A secret whose host was changed: its user, and the versions before and now."""

    name: str
    user: str
    before: str
    version: str


def replicas(client: t.Any, region: str, prefix: str) -> list[str]:
    """List the secrets below a prefix that are replicas of another region's."""
    with doing(f"list the secrets below {prefix} in {region}"):
        pages = client.get_paginator("list_secrets").paginate(
            Filters=[{"Key": "name", "Values": [prefix]}], PaginationConfig={"PageSize": 100}
        )
        found = [item for page in pages for item in page["SecretList"]]
    return sorted(
        item["Name"]
        for item in found
        if item["Name"].startswith(prefix) and item.get("PrimaryRegion", region) not in (region, None)
    )


def promote(client: t.Any, region: str, names: t.Iterable[str]) -> None:
    """Make replicas secrets of their own region. One that is that already is left."""
    for name in names:
        try:
            with doing(f"promote the secret {name} in {region}"):
                client.stop_replication_to_replica(SecretId=name)
        except PlatformError as failure:
            if error_code(failure.__cause__) != "InvalidRequestException" or _is_replica(client, region, name):
                raise


def _is_replica(client: t.Any, region: str, name: str) -> bool:
    with doing(f"read the secret {name} in {region}"):
        return client.describe_secret(SecretId=name).get("PrimaryRegion", region) != region


def move_hosts(
    client: t.Any, which: dict[str, t.Any], hosts: tuple[str, str], failover: str, warn: t.Callable[[str], None]
) -> list[Moved]:
    """Let secrets whose ``host`` is the first of two name the second, and return those that do so by this failover.

    ``which`` is what BatchGetSecretValue is asked for. What an earlier run of the failover changed is returned, too. Where the run
    may not write a secret, it warns.
    """
    changed = [item for item in _values(client, which) if _is_concerned(item, hosts, failover)]
    found = in_parallel(lambda item: _move(client, item, hosts[1], failover), changed)
    if denied := sorted(name for name, moved in found if moved is None):
        warn(f"These secrets still name the host {hosts[0]}, since this run may not write them: {', '.join(denied)}.")
    return [moved for _name, moved in found if moved]


def _values(client: t.Any, which: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """Read the values that can be read, and that are JSON objects with a host and a user."""
    asked = which | ({"MaxResults": _BATCH} if "Filters" in which else {})
    found: list[dict[str, t.Any]] = []
    while True:
        with doing("read the secrets that may name the old writer"):
            answer = client.batch_get_secret_value(**asked)
        for item in answer["SecretValues"]:
            content = _content(item)
            if {"host", "username"} <= content.keys():
                found.append({"name": item["Name"], "version": item["VersionId"], "content": content})
        if not answer.get("NextToken"):
            return found
        asked["NextToken"] = answer["NextToken"]


def _content(item: dict[str, t.Any]) -> dict[str, t.Any]:
    try:
        content = json.loads(item.get("SecretString") or "")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _token(failover: str, name: str) -> str:
    """Return the version that this failover gives a secret: the same in a run that resumes."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{failover} {name}"))


def _is_concerned(item: dict[str, t.Any], hosts: tuple[str, str], failover: str) -> bool:
    by_this = item["content"]["host"] == hosts[1] and item["version"] == _token(failover, item["name"])
    return item["content"]["host"] == hosts[0] or by_this


def _move(client: t.Any, item: dict[str, t.Any], host: str, failover: str) -> tuple[str, Moved | None]:
    name, content, version = item["name"], item["content"], _token(failover, item["name"])
    if item["version"] == version:
        return name, Moved(name, content["username"], _previous(client, name), version)
    try:
        with doing(f"write the new host to the secret {name}"):
            text = json.dumps(content | {"host": host})
            client.put_secret_value(SecretId=name, SecretString=text, ClientRequestToken=version)
    except PlatformError as failure:
        if error_code(failure.__cause__) not in _DENIED:
            raise
        return name, None
    return name, Moved(name, content["username"], item["version"], version)


def _previous(client: t.Any, name: str) -> str:
    with doing(f"read the versions of the secret {name}"):
        stages = client.describe_secret(SecretId=name).get("VersionIdsToStages") or {}
    return next((version for version, names in stages.items() if "AWSPREVIOUS" in names), "")
