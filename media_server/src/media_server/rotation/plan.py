# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make the plan of a rotation from the survey. Pure: no client, no clock."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from media_server.rotation.model import Item, Plan
from media_server.rotation.params import Params

# Most items per shard: a shard that fails is repeated as a whole.
_ITEMS_AT_MOST = {"content": 20, "tenant": 200, "kms": 50}
_BYTES_AT_MOST = 4 * 1024**3
# Shards per lane, so that the lanes finish at about the same time.
_SHARDS_A_LANE = 4


@dataclass(frozen=True)
class Rates:
    """The measured throughput of one worker."""

    objects_per_s: float
    bytes_per_s: float


# Measured by the bench in the lab (simulated S3): tests/bench/rows/media_rotation.py.
DEFAULT_RATES = {
    "content": Rates(60.0, 60e6),
    "tenant": Rates(100.0, 60e6),
    "kms": Rates(50.0, 60e6),
}


def measured_rates(kind: str, measured: Mapping[str, float] | None) -> Rates:
    """Return the rates of an earlier rotation of the same kind, or those of the bench."""
    default = DEFAULT_RATES[kind]
    if not measured or measured.get("seconds", 0) <= 1:
        return default
    objects, size = measured["objects"] / measured["seconds"], measured["bytes"] / measured["seconds"]
    # A rotation of few bytes says nothing about the throughput in bytes.
    return Rates(objects or default.objects_per_s, max(size, default.bytes_per_s))


def select(params: Params, items: Sequence[Item]) -> tuple[list[Item], str | None]:
    """Return the items after `scope.after`, up to `max_assets`, and the resume marker if some remain."""
    ordered = sorted(items, key=_order)
    if params.scope.after:
        tenant, _slash, asset = params.scope.after.partition("/")
        ordered = [item for item in ordered if _order(item) > (tenant, asset)]
    if params.max_assets is None:
        return ordered, None
    chosen: list[Item] = []
    assets = 0
    for item in ordered:
        # A tenant is taken as a whole, and at least one: otherwise there would be no progress.
        if chosen and assets + item.assets > params.max_assets:
            return chosen, chosen[-1].name
        chosen.append(item)
        assets += item.assets
    return chosen, None


def _order(item: Item) -> tuple[str, str]:
    return item.tenant, item.asset or ""


def shards_of(params: Params, items: Sequence[Item]) -> list[list[Item]]:
    """Split the items into shards of similar size, in order, so that a tenant's assets stay together."""
    at_most = min(_ITEMS_AT_MOST[params.kind], math.ceil(len(items) / (params.concurrency * _SHARDS_A_LANE)) or 1)
    shards: list[list[Item]] = []
    size = 0
    for item in items:
        if not shards or len(shards[-1]) >= at_most or size + item.bytes > _BYTES_AT_MOST:
            shards.append([])
            size = 0
        shards[-1].append(item)
        size += item.bytes
    return shards


def expected_seconds(params: Params, objects: int, size: int, kms_calls: int, rates: Rates, lanes: int) -> float:
    """Return the expected duration: the slower of the lanes' throughput and KMS's request rate."""
    work = (objects / rates.objects_per_s + size / rates.bytes_per_s) / max(1, lanes)
    return round(max(work, kms_calls / params.kms_requests_per_s), 1)


def make_plan(
    params: Params,
    items: Sequence[Item],
    target_kms_key_arn: str | None,
    rates: Rates,
    at: str,
    *,
    estimated: bool = False,
) -> tuple[Plan, list[list[Item]]]:
    """Return the plan and its shards. `items` are all in the scope; `estimated` applies to what they will write."""
    chosen, marker = select(params, items)
    shards = shards_of(params, chosen)
    lanes = min(params.concurrency, len(shards))
    objects, size = sum(item.objects for item in chosen), sum(item.bytes for item in chosen)
    kms_calls = _kms_calls(params, chosen)
    digest = hashlib.sha256(json.dumps([[asdict(item) for item in shard] for shard in shards]).encode()).hexdigest()[
        :16
    ]
    plan = Plan(
        rotation=params.rotation_id,
        params=params,
        target_kms_key_arn=target_kms_key_arn,
        assets=sum(item.assets for item in chosen),
        objects=objects,
        bytes=size,
        kms_calls=kms_calls,
        expected_s=expected_seconds(params, objects, size, kms_calls, rates, lanes),
        shards=len(shards),
        lanes=lanes,
        digest=digest,
        resume_marker=marker,
        created_at=at,
        estimated=estimated,
    )
    return plan, shards


def _kms_calls(params: Params, items: Sequence[Item]) -> int:
    """Return the number of KMS calls: one per wrap of a tenant's key, or those to unwrap and create the keys of each tenant
    once.
    """
    if params.kind == "kms":
        return sum(item.kms_calls for item in items)
    return len({item.tenant for item in items}) * (2 if params.kind == "tenant" else 1)
