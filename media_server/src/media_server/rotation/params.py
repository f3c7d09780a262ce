# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The parameters of a rotation, validated as a whole before anything is done."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from media_server.errors import BadInputError
from media_server.store.names import check_id, check_rotation

MODES = ("rewrap", "reencrypt")
CONCURRENCY_AT_MOST = 256
KMS_REQUESTS_AT_MOST = 10_000
_SCOPE = {"tenant", "asset", "older_than", "kms_key_arn", "after"}
_PARAMS = {
    "mode",
    "scope",
    "target_kms_key",
    "rotation_id",
    "concurrency",
    "kms_requests_per_s",
    "max_assets",
    "retain_old_s",
    "dry_run",
}


def _bad(message: str) -> BadInputError:
    return BadInputError("bad-rotation", message)


@dataclass(frozen=True)
class Scope:
    """Which assets: of one tenant, one asset, with keys older than a time (ISO 8601), or with keys wrapped by a KMS key.

    `after` is the resume marker (`tenant/asset`) of a rotation that `max_assets` limited.
    """

    tenant: str | None = None
    asset: str | None = None
    older_than: str | None = None
    kms_key_arn: str | None = None
    after: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class Params:
    """The parameters. `rotation_id` is derived from those that define the work, unless it is given."""

    mode: str
    scope: Scope
    rotation_id: str
    target_kms_key: str | None = None
    concurrency: int = 4
    kms_requests_per_s: float = 50.0
    max_assets: int | None = None
    retain_old_s: int | None = None
    dry_run: bool = False

    @property
    def kind(self) -> str:
        """Return the kind: `kms` rewraps the tenants' keys, `tenant` creates new tenant keys, `content` new content keys."""
        if self.mode == "reencrypt":
            return "content"
        return "kms" if self.target_kms_key else "tenant"

    @property
    def identity(self) -> dict[str, Any]:
        """Return the parameters that must be equal for two requests to mean the same rotation."""
        return {
            "mode": self.mode,
            "scope": self.scope.to_json(),
            "target_kms_key": self.target_kms_key,
            "max_assets": self.max_assets,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        return self.identity | {
            "concurrency": self.concurrency,
            "kms_requests_per_s": self.kms_requests_per_s,
            "retain_old_s": self.retain_old_s,
        }

    @classmethod
    def read(cls, given: Mapping[str, Any], *, least_retain_s: int = 0) -> Params:
        """Validate parameters. Raise BadInputError, which describes what is wrong."""
        _only_known(given, _PARAMS, "rotation")
        mode = given.get("mode")
        if mode not in MODES:
            raise _bad(f"mode must be one of {', '.join(MODES)}.")
        params = cls(
            mode=mode,
            scope=_scope({} if given.get("scope") is None else given["scope"]),
            rotation_id="",
            target_kms_key=_text(given, "target_kms_key"),
            concurrency=_number(given, "concurrency", 4, 1, CONCURRENCY_AT_MOST),
            kms_requests_per_s=_number(given, "kms_requests_per_s", 50.0, 0.1, KMS_REQUESTS_AT_MOST),
            max_assets=_number(given, "max_assets", None, 1, None),
            retain_old_s=_number(given, "retain_old_s", None, least_retain_s, None),
            dry_run=bool(given.get("dry_run", False)),
        )
        _check_together(params)
        identity = given.get("rotation_id")
        object.__setattr__(params, "rotation_id", check_rotation(identity) if identity else _derived(params))
        return params


def _derived(params: Params) -> str:
    content = json.dumps(params.identity, sort_keys=True).encode()
    return f"{params.mode}-{hashlib.sha256(content).hexdigest()[:12]}"


def _only_known(given: Any, known: set[str], what: str) -> None:
    if not isinstance(given, Mapping):
        raise _bad(f"The {what} must be an object.")
    unknown = sorted(str(name) for name in given if name not in known)
    if unknown:
        raise _bad(f"Unsupported {what} parameters: {', '.join(unknown)[:200]}.")


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > 2048:
        raise _bad(f"{name} must be a string of at most 2048 characters.")
    return value


def _number(given: Mapping[str, Any], name: str, default: Any, least: float, most: float | None) -> Any:
    value = given.get(name)
    if value is None:
        return default
    kinds = (int, float) if isinstance(default, float) else (int,)
    if isinstance(value, bool) or not isinstance(value, kinds) or value < least or (most and value > most):
        raise _bad(f"{name} must be a number of at least {least}" + (f", at most {most}." if most else "."))
    return value


def _scope(given: Any) -> Scope:
    _only_known(given, _SCOPE, "scope")
    values = {name: _text(given, name) for name in _SCOPE}
    for name in ("tenant", "asset"):
        if values[name]:
            check_id(name, values[name])
    if values["asset"] and not values["tenant"]:
        raise _bad("scope.asset requires scope.tenant.")
    if values["older_than"]:
        values["older_than"] = _time(values["older_than"])
    if values["after"]:
        tenant, _slash, asset = values["after"].partition("/")
        check_id("tenant", tenant)
        if asset:
            check_id("asset", asset)
    return Scope(**values)


def _time(text: str) -> str:
    try:
        time = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise _bad("scope.older_than must be an ISO 8601 time, such as 2026-01-31T00:00:00+00:00.") from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=datetime.UTC)
    return time.astimezone(datetime.UTC).isoformat(timespec="seconds")


def _check_together(params: Params) -> None:
    if params.mode == "reencrypt" and params.target_kms_key:
        raise _bad(
            "target_kms_key requires mode rewrap: reencrypt creates new content keys, which the tenants' keys wrap."
        )
    if params.kind == "kms" and (params.scope.asset or params.scope.older_than):
        raise _bad(
            "With target_kms_key, scope supports tenant and kms_key_arn only: KMS wraps the keys of whole tenants."
        )
