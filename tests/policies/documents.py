# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Every policy document that the roles make, by name: rendered by the same filters and from the same files, without a lab."""

from __future__ import annotations

import itertools
import typing as t

import jinja2
import yaml
from ansible_collections.knowledgecity.platform.plugins.filter.security_policies import (
    security_boundary,
    security_keys,
    security_replica_keys,
    security_roles,
)
from ansible_collections.knowledgecity.platform.plugins.filter.storage_settings import (
    storage_buckets,
    storage_replication_policy,
)
from jinja2.nativetypes import NativeEnvironment

from lab.settings import CHECKOUT

REGIONS = ("me-west-1", "eu-central-1")
ACCOUNT = "111122223333"
PLATFORM = {
    "prefix": "kc-test",
    "account_id": ACCOUNT,
    "regions": list(REGIONS),
    "tags": {"platform": "kc"},
    "log_bucket": "logs",
    "noncurrent_days": 30,
    "abort_uploads_days": 7,
}

_TEXT = jinja2.Environment(undefined=jinja2.StrictUndefined)
# A template of a list stays a list, and one of digits becomes a number.
_NATIVE = NativeEnvironment(undefined=jinja2.StrictUndefined)
_NATIVE.filters["product"] = itertools.product

Documents = dict[str, dict[str, t.Any]]


def _load(path: str) -> t.Any:
    return yaml.safe_load((CHECKOUT / "roles" / path).read_text())


def identity_policies() -> Documents:
    """What roles may do, by role and policy."""
    tiers, refused = _load("security/files/tiers.yml"), _load("security/files/boundary.yml")["refused"]
    found = {
        f"{role['name']} {name}": policy
        for role in security_roles(tiers, PLATFORM)
        for name, policy in role["policies"].items()
    }
    buckets = _load("storage/defaults/main.yml")["storage_buckets"]
    return found | {
        "boundary": security_boundary(tiers, PLATFORM, refused),
        "storage-replication": storage_replication_policy(buckets, PLATFORM),
        "flow-logs": _network("__network_flow_logs_policy"),
    }


def trust_policies() -> Documents:
    """Who may assume a role."""
    tiers = _load("security/files/tiers.yml")
    found = {f"trust of {role['name']}": role["assume_role_policy"] for role in security_roles(tiers, PLATFORM)}
    return found | {"trust of flow-logs": _network("__network_flow_logs_trust")}


def key_policies() -> Documents:
    """Who may use a key, in both regions."""
    definitions = _load("security/files/keys.yml")["keys"]
    keys = [
        key
        for region in REGIONS
        for made in (security_keys, security_replica_keys)
        for key in made(definitions, PLATFORM, region, REGIONS[0])
    ]
    return {key["alias"]: key["policy"] for key in keys} | {"key of the flow logs": _network("__network_key_policy")}


def bucket_policies() -> Documents:
    """What a bucket refuses and lets, in one region."""
    buckets = _load("storage/defaults/main.yml")["storage_buckets"]
    key = f"arn:aws:kms:{REGIONS[0]}:{ACCOUNT}:key/00000000-1111-2222-3333-444444444444"
    values = {
        "storage_name_prefix": PLATFORM["prefix"],
        "storage_region": REGIONS[0],
        "storage_regions": list(REGIONS),
        "storage_account_id": ACCOUNT,
    }
    made = storage_buckets(_rendered(buckets, values, _NATIVE), PLATFORM, REGIONS[0], key, {})
    return {bucket["name"]: bucket["policy"] for bucket in made if bucket["policy"]}


def _network(variable: str) -> dict[str, t.Any]:
    """A policy of role network, which are simple templates."""
    variables = _load("network/vars/main.yml")
    values = {
        "network_account_id": ACCOUNT,
        "network_region": REGIONS[0],
        "network_flow_logs_group": "kc-test-me-west-1-network-flow-logs",
        "network_flow_logs_groups": "kc-test-*-network-flow-logs",
    }
    values["__network_flow_logs_arn"] = jinja2.Template(variables["__network_flow_logs_arn"]).render(values)
    return _rendered(variables[variable], values)


def _rendered(value: t.Any, values: dict[str, t.Any], environment: jinja2.Environment = _TEXT) -> t.Any:
    """Render the templates in a value."""
    if isinstance(value, str):
        return environment.from_string(value).render(values) if "{{" in value else value
    if isinstance(value, dict):
        return {key: _rendered(item, values, environment) for key, item in value.items()}
    return [_rendered(item, values, environment) for item in value] if isinstance(value, list) else value
