# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A policy can demand an encryption context: kms:EncryptionContext:KEY and kms:EncryptionContextKeys.

The emulator knows neither condition key, so that a statement with one never allows, and never denies.
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
"""

from __future__ import annotations

import json

from ministack.core import iam_actions

from lab.emulator.patches.kms._ciphertexts import context_keys


def apply() -> None:
    context_of = iam_actions.request_tag_context

    def with_encryption_context(service, iam_action, body, params):
        context = context_of(service, iam_action, body, params)
        if service != "kms" or b"EncryptionContext" not in body:
            return context
        try:
            given = json.loads(body).get("EncryptionContext")
        except json.JSONDecodeError:
            given = None
        return context | (context_keys(given) if isinstance(given, dict) else {})

    iam_actions.request_tag_context = with_encryption_context
