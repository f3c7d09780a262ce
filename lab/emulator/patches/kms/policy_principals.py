# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A key policy that names a role or user of the account that isn't there is refused.

AWS answers MalformedPolicyDocumentException, also for a role that was created a moment ago and isn't known to KMS yet (the lab's
lag of IAM). The emulator takes any text.
https://docs.aws.amazon.com/kms/latest/developerguide/programming-eventual-consistency.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import ministack.services.iam as iam
import ministack.services.kms as kms
from ministack.core.responses import error_response_json, get_account_id

from lab.emulator.patches.iam.new_roles_lag import is_news

_NAMED = re.compile(r"arn:aws:iam::(\d{12}):(role|user)/(?:.*/)?([^/]+)")


def _named(policy: str) -> Iterator[str]:
    statements = json.loads(policy).get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        named = principal.get("AWS", []) if isinstance(principal, dict) else []
        yield from [named] if isinstance(named, str) else named


def _is_nobody(principal: str) -> bool:
    found = _NAMED.fullmatch(principal)
    if not found or found[1] != get_account_id():
        return False
    kind, name = found[2], found[3]
    return name not in (iam._roles if kind == "role" else iam._users) or (kind == "role" and is_news(name))


def _checked(call):
    def checked(data):
        try:
            nobody = [name for name in _named(data.get("Policy") or "{}") if _is_nobody(name)]
        except (ValueError, AttributeError):  # no JSON, or no policy: the call says so
            nobody = []
        if nobody:
            text = "Policy contains a statement with one or more invalid principals."
            return error_response_json("MalformedPolicyDocumentException", text, 400)
        return call(data)

    return checked


def apply() -> None:
    kms._create_key, kms._put_key_policy = _checked(kms._create_key), _checked(kms._put_key_policy)
    kms._replicate_key = _checked(kms._replicate_key)
