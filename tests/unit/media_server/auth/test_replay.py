# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A token that changes something can be used once."""

from __future__ import annotations

import pytest
from media_server.auth.replay import UsedTokens
from media_server.auth.tokens import Token
from media_server.errors import UnauthorizedError
from media_server.store.objects import ObjectStore
from media_server.store.retries import Retries

from tests.support.media_fakes import FakeS3, refused


def used(s3: FakeS3) -> UsedTokens:
    return UsedTokens(ObjectStore(s3, "b", Retries(deadline_s=1, sleep=lambda _seconds: None)))


def test_the_second_use_is_refused_by_any_server():
    s3, token = FakeS3(), Token("api", "0123456789", 0, "acme")
    used(s3).use(token)
    for server in (used(s3), used(s3)):
        with pytest.raises(UnauthorizedError) as again:
            server.use(token)
        assert again.value.code == "token-replayed"
    used(s3).use(Token("api", "9876543210", 0, "acme"))


def test_a_retried_write_is_no_replay():
    s3, token, lost = FakeS3(), Token("api", "0123456789", 0, "acme"), []
    put = s3.put_object

    def losing(**asked):
        answer = put(**asked)
        if not lost:
            lost.append(True)
            raise refused("InternalError", 500, "PutObject")
        return answer

    s3.put_object = losing
    used(s3).use(token)
    assert lost
    with pytest.raises(UnauthorizedError):
        used(s3).use(token)
