# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Repeat calls of KMS that are refused only because another service's news hasn't arrived there."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import error_code

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

_INTERVAL = 2.0
# A new key's tags and aliases count in policies after this at the latest.
# https://docs.aws.amazon.com/kms/latest/developerguide/abac.html
TAGS_COUNT_AFTER = 300.0

Result = t.TypeVar("Result")


def with_patience(
    call: t.Callable[..., Result], arguments: dict[str, t.Any], *, timeout: float, key_is_new: bool = False
) -> Result:
    """Make a call, again for up to ``timeout`` seconds where a policy names a role that was created a moment ago.

    Where the key is new, a denial is waited out as well: rights that ask for its tags don't hold yet.
    """
    deadline = time.monotonic() + timeout
    tags_deadline = time.monotonic() + (max(timeout, TAGS_COUNT_AFTER) if key_is_new else 0)
    while True:
        try:
            return call(**arguments)
        except ClientError as error:
            last = tags_deadline if _is_denied(error) else deadline if _names_nobody(error) else 0
            if time.monotonic() >= last:
                raise
        time.sleep(_INTERVAL)


def _names_nobody(error: ClientError) -> bool:
    message = error.response.get("Error", {}).get("Message", "")
    return error_code(error) == "MalformedPolicyDocumentException" and "principal" in message.lower()


def _is_denied(error: ClientError) -> bool:
    return error_code(error) == "AccessDeniedException"
