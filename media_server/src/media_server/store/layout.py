# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The names of all objects in the bucket. Pure functions.

There is one versioned bucket per region, replicated both ways. Only the active region writes, except for completion markers
(`done/…/{region}/…`), which each region writes for itself.
"""

from __future__ import annotations

import re

MEDIA = "media/"
TENANT_KEYS = "keys/"
ROTATIONS = "rotations/"
POINTER = "asset.json"
KEY = "key.json"
KEPT = "assets/.sources/"
_SOURCE = "source-"

_TENANT_KEY = re.compile(r"keys/([a-z0-9-]+)\.json")
_VERSION = re.compile(r"v([1-9][0-9]*)")


def upload(tenant: str, asset: str) -> str:
    """Return the name of an upload, which isn't encrypted and exists until it is packaged or refused."""
    return f"uploads/{tenant}/{asset}"


def tenant_prefix(tenant: str) -> str:
    """Return the prefix of all assets of a tenant."""
    return f"{MEDIA}{tenant}/"


def asset_prefix(tenant: str, asset: str) -> str:
    """Return the prefix of all objects of an asset."""
    return f"{MEDIA}{tenant}/{asset}/"


def pointer(tenant: str, asset: str) -> str:
    """Return the name of the pointer, which says which version of the asset is current."""
    return asset_prefix(tenant, asset) + POINTER


def version_prefix(tenant: str, asset: str, version: int | str) -> str:
    """Return the prefix of a version's objects, or of a kept source's, which is named by its folder.

    They are immutable, except for the wrapped key in the key document.
    """
    folder = version if isinstance(version, str) else f"v{version}"
    return f"{asset_prefix(tenant, asset)}{folder}/"


def media_file(tenant: str, asset: str, version: int, name: str) -> str:
    """Return the name of a version's file."""
    return version_prefix(tenant, asset, version) + name


def key_document(tenant: str, asset: str, version: int | str) -> str:
    """Return the name of a version's or a kept source's key, wrapped by the tenant's key."""
    return version_prefix(tenant, asset, version) + KEY


def source_folder(identity: str) -> str:
    """Return the folder of a kept source, below the asset's prefix."""
    return _SOURCE + identity


def is_source(folder: str) -> bool:
    """Return whether a folder below an asset's prefix is that of a kept source."""
    return folder.startswith(_SOURCE)


def source_content(tenant: str, asset: str, source: str) -> str:
    """Return the name of a kept source, which is encrypted."""
    return version_prefix(tenant, asset, source) + "content"


def kept(date: str, tenant: str, asset: str, source: str) -> str:
    """Return the name of the mark that a source is kept since `date`. A tenant's name can't begin with a dot."""
    return f"{KEPT}{date}/{tenant}/{asset}/{source}"


def version_number(folder: str) -> int | None:
    """Return the number in `v3` or `v3/`."""
    found = _VERSION.fullmatch(folder.rstrip("/"))
    return int(found[1]) if found else None


def tenant_key(tenant: str) -> str:
    """Return the name of the tenant's keys, wrapped by KMS."""
    return f"{TENANT_KEYS}{tenant}.json"


def tenant_of_key(name: str) -> str | None:
    """Return the tenant of a tenant key's object."""
    found = _TENANT_KEY.fullmatch(name)
    return found[1] if found else None


def used_token(jti: str) -> str:
    """Return the name of the record that a token was used."""
    return f"tokens/used/{jti}"


def rotation(identity: str) -> str:
    """Return the prefix of a rotation's objects."""
    return f"{ROTATIONS}{identity}/"


def rotation_plan(identity: str) -> str:
    """Return the name of a rotation's plan. It is written last: the rotation exists once the plan does."""
    return rotation(identity) + "plan.json"


def rotation_state(identity: str) -> str:
    """Return the name of a rotation's state, which is changed with conditional writes only."""
    return rotation(identity) + "state.json"


def shard(identity: str, digest: str, number: int) -> str:
    """Return the name of a shard. It contains the digest of the whole plan, so that two planners don't overwrite each other."""
    return f"{rotation(identity)}shards/{digest}/{number:04}.json"


def done_prefix(identity: str, round_: int, region: str) -> str:
    """Return the prefix of a region's completion markers in a round."""
    return f"{rotation(identity)}done/{round_:04}/{region}/"


def done(identity: str, round_: int, region: str, number: int) -> str:
    """Return the name of a shard's completion marker, which contains its outcome."""
    return f"{done_prefix(identity, round_, region)}{number:04}.json"
