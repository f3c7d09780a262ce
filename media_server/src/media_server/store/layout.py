# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The names of all objects of the bucket. Pure.

One bucket a region, versioned and replicated both ways. Everything is written in the active region, but for what a region says of
its own deletions (`done/…/{region}/…`), which no other region writes.
"""

from __future__ import annotations

import re

MEDIA = "media/"
TENANT_KEYS = "keys/"
ROTATIONS = "rotations/"
POINTER = "asset.json"
KEY = "key.json"

_TENANT_KEY = re.compile(r"keys/([a-z0-9-]+)\.json")
_VERSION = re.compile(r"v([1-9][0-9]*)")


def upload(tenant: str, asset: str) -> str:
    """The source, until it is packaged."""
    return f"uploads/{tenant}/{asset}"


def tenant_prefix(tenant: str) -> str:
    """Begins the names of all assets of a tenant."""
    return f"{MEDIA}{tenant}/"


def asset_prefix(tenant: str, asset: str) -> str:
    """Begins the names of all objects of an asset."""
    return f"{MEDIA}{tenant}/{asset}/"


def pointer(tenant: str, asset: str) -> str:
    """The one object of an asset that says which version counts."""
    return asset_prefix(tenant, asset) + POINTER


def version_prefix(tenant: str, asset: str, version: int) -> str:
    """Begins the names of a version's objects, which never change once written (but for the wrap in its key document)."""
    return f"{asset_prefix(tenant, asset)}v{version}/"


def media_file(tenant: str, asset: str, version: int, name: str) -> str:
    """A file of a version, by its name within it."""
    return version_prefix(tenant, asset, version) + name


def key_document(tenant: str, asset: str, version: int) -> str:
    """The content key of a version, wrapped by the tenant's."""
    return version_prefix(tenant, asset, version) + KEY


def version_number(folder: str) -> int | None:
    """The number that `v3` or `v3/` stands for."""
    found = _VERSION.fullmatch(folder.rstrip("/"))
    return int(found[1]) if found else None


def tenant_key(tenant: str) -> str:
    """The tenant's keys, wrapped by KMS."""
    return f"{TENANT_KEYS}{tenant}.json"


def tenant_of_key(name: str) -> str | None:
    """The tenant whose keys an object holds."""
    found = _TENANT_KEY.fullmatch(name)
    return found[1] if found else None


def used_token(jti: str) -> str:
    """Says that a token was used."""
    return f"tokens/used/{jti}"


def rotation(identity: str) -> str:
    """Begins the names of a rotation's objects."""
    return f"{ROTATIONS}{identity}/"


def rotation_plan(identity: str) -> str:
    """What a rotation was asked for. Written last: with it the rotation is there."""
    return rotation(identity) + "plan.json"


def rotation_state(identity: str) -> str:
    """How far a rotation is. Changed by condition only."""
    return rotation(identity) + "state.json"


def shard(identity: str, digest: str, number: int) -> str:
    """A part of a plan, which two planners may write at a time: by the digest of the whole, so that neither disturbs the other."""
    return f"{rotation(identity)}shards/{digest}/{number:04}.json"


def done_prefix(identity: str, round_: int, region: str) -> str:
    """Begins the names of what a region has done of a round."""
    return f"{rotation(identity)}done/{round_:04}/{region}/"


def done(identity: str, round_: int, region: str, number: int) -> str:
    """Says that a shard was done, and what came of it."""
    return f"{done_prefix(identity, round_, region)}{number:04}.json"
