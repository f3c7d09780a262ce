# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Look up what AWS documents about IAM actions, in the copy of its Service Authorization Reference that comes with parliament.

https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import functools
import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path

_READS = ("List", "Read")


@dataclass(frozen=True)
class ResourceType:
    """A kind of resource that an action works on; `name` is `service:type`."""

    name: str
    arn: str
    required: bool
    request_tags: bool
    resource_tags: bool
    made: bool


@dataclass(frozen=True)
class Action:
    """One IAM action: whether it only reads, what it works on, and which other actions it needs the right to."""

    name: str
    reads: bool
    types: tuple[ResourceType, ...]
    request_tags: bool
    dependent: tuple[str, ...]

    @property
    def service(self) -> str:
        return self.name.partition(":")[0]


@functools.cache
def _services() -> dict[str, dict]:
    package = importlib.util.find_spec("parliament")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("parliament is not installed: run `make setup`")
    # Read as a file: importing parliament needs pkg_resources, and takes seconds.
    file = Path(package.submodule_search_locations[0]) / "iam_definition.json"
    return {service["prefix"]: service for service in json.loads(file.read_text())}


@functools.cache
def action(name: str) -> Action | None:
    """Return what is documented about `service:Operation`; None where AWS knows no such action."""
    prefix, _, operation = name.partition(":")
    service = _services().get(prefix, {"privileges": [], "resources": []})
    entry = next((entry for entry in service["privileges"] if entry["privilege"] == operation), None)
    if entry is None:
        return None
    known = {resource["resource"]: resource for resource in service["resources"]}
    types = [_type(prefix, row, known) for row in entry["resource_types"] if row["resource_type"].rstrip("*") in known]
    general = [row for row in entry["resource_types"] if not row["resource_type"]]
    return Action(
        name=name,
        reads=entry["access_level"] in _READS,
        types=tuple(types),
        request_tags=any(_has(row, "aws:RequestTag") for row in general),
        dependent=tuple(sorted({found for row in entry["resource_types"] for found in row["dependent_actions"]})),
    )


def _type(prefix: str, row: dict, known: dict[str, dict]) -> ResourceType:
    kind = row["resource_type"].rstrip("*")
    new = _has(row, "aws:RequestTag") and not _has(row, "aws:ResourceTag")
    return ResourceType(
        name=f"{prefix}:{kind}",
        arn=_pattern(known[kind]["arn"]),
        required=row["resource_type"].endswith("*"),
        request_tags=_has(row, "aws:RequestTag"),
        resource_tags=_has(row, "aws:ResourceTag") or _has(known[kind], "aws:ResourceTag"),
        made=new,
    )


def _has(row: dict, key: str) -> bool:
    return any(found.startswith(key) for found in row["condition_keys"])


def _pattern(arn: str) -> str:
    """Turn an ARN template of the reference into a pattern: any region, the platform's account, any resource of the kind."""
    arn = arn.replace("${Partition}", "aws").replace("${Account}", "{account}")
    return re.sub(r"\$\{\w+\}", "*", arn).replace("{account}", "${account_id}")
