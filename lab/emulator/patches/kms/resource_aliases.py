# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The condition key kms:ResourceAliases holds the aliases of the key that a request is about.

With it a policy can name a key that does not exist yet. The emulator doesn't know the condition key, so that such a statement
never allows, and never denies.
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
"""

from __future__ import annotations

import ministack.services.kms as kms
from ministack.core import iam_evaluator
from ministack.core.responses import request_scope


def _aliases(key_arn: str) -> list[str]:
    _arn, _partition, _service, region, account, resource = key_arn.split(":", 5)
    with request_scope(account, region):
        key = kms._resolve_key(key_arn)
        if key is None or not resource.startswith("key/"):
            return []
        return [arn.split(":", 5)[5] for arn, target in kms._aliases.items() if target == key["KeyId"]]


def apply() -> None:
    resolve = iam_evaluator._resolve_condition_key

    def resolve_aliases(key, ctx):
        if key.lower() == "kms:resourcealiases" and ctx.resource_arn.startswith("arn:") and ":kms:" in ctx.resource_arn:
            return _aliases(ctx.resource_arn) or None
        return resolve(key, ctx)

    iam_evaluator._resolve_condition_key = resolve_aliases
