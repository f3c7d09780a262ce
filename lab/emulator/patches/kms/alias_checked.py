# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The right to use a key by its alias is checked on the key; the right to an alias is checked on alias and key.

On AWS an alias is only a name: a policy for `alias/x` doesn't allow kms:Encrypt under it, one for its key does. CreateAlias,
UpdateAlias and DeleteAlias want the right on both. The emulator checks the alias for the former, and nothing for the latter.
https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
"""

from __future__ import annotations

from collections.abc import Iterator

import ministack.services.kms as kms

from lab.emulator.patches._access_checks import Check, Request, replace


def _checks(request: Request) -> Iterator[Check]:
    if request.action in ("CreateAlias", "UpdateAlias", "DeleteAlias"):
        alias = request.param("AliasName")
        yield Check(request.arn("kms", alias))
        for name in {request.param("TargetKeyId"), alias if request.action != "CreateAlias" else ""} - {""}:
            if key := kms._resolve_key(name):
                yield Check(key["Arn"])
        return
    named = kms._resolve_key(request.resource) if ":alias/" in request.resource else None
    yield Check(named["Arn"] if named else request.resource)


def apply() -> None:
    replace("kms", _checks)
