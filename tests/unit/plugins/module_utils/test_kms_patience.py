# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What KMS refuses for a moment is asked again: a role that was just created, a new key's tags."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms import patience
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Call
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.store import KeyStore
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change
from botocore.exceptions import ClientError

NOBODY = ("MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals.")
MALFORMED = ("MalformedPolicyDocumentException", "Policy is not valid JSON.")
DENIED = ("AccessDeniedException", "no identity-based policy allows the action")


class Kms:
    """Refuses calls by operation, each a number of times, and notes what was done."""

    def __init__(self, **refusals: tuple[tuple[str, str], int]):
        self._refusals = {operation: [error] * count for operation, (error, count) in refusals.items()}
        self.done: list[str] = []

    def __getattr__(self, operation: str):
        def call(**_arguments):
            if self._refusals.get(operation):
                code, message = self._refusals[operation].pop()
                raise ClientError({"Error": {"Code": code, "Message": message}}, operation)
            self.done.append(operation)
            return {"KeyMetadata": {"KeyId": "new"}}

        return call


def apply(kms: Kms, *operations: str, timeout: float = 30) -> list[str]:
    calls = tuple(Call(operation, {}) for operation in operations)
    KeyStore(kms, "me-west-1", None, timeout).apply([Change("create", "key", "alias/k", data=calls)])
    return kms.done


@pytest.fixture(autouse=True)
def _no_sleep(monkeypatch):
    monkeypatch.setattr(patience, "_INTERVAL", 0)


@pytest.mark.parametrize("operation", ["create_key", "put_key_policy"])
def test_a_policy_that_names_a_role_just_made_is_sent_again(operation):
    kms = Kms(**{operation: (NOBODY, 3)})
    assert apply(kms, "".join(word.title() for word in operation.split("_"))) == [operation]


def test_a_policy_that_is_wrong_is_not():
    with pytest.raises(PlatformError, match="not valid JSON"):
        apply(Kms(put_key_policy=(MALFORMED, 1)), "PutKeyPolicy")


def test_a_role_that_never_comes_ends_the_run():
    with pytest.raises(PlatformError, match="invalid principals"):
        apply(Kms(put_key_policy=(NOBODY, 10_000)), "PutKeyPolicy", timeout=0)


def test_the_tags_of_a_new_key_are_waited_for_and_a_denial_of_others_is_not():
    kms = Kms(enable_key_rotation=(DENIED, 3))
    assert apply(kms, "CreateKey", "EnableKeyRotation", timeout=0) == ["create_key", "enable_key_rotation"]
    with pytest.raises(PlatformError, match="allow the operator's role"):
        apply(Kms(enable_key_rotation=(DENIED, 3)), "EnableKeyRotation")
