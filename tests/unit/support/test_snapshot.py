# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import pytest

from tests.support import snapshot


@pytest.mark.parametrize(
    ("drawn", "shown"),
    [
        ("key/8ddc672b-4ead-4707-baff-0123456789ab", "key/<uuid>"),
        ("key/8ddc672b-4ead-4707-9a1f-0123456789ab", "key/<uuid>"),
        ("key/mrk-c136414b57354fba949fad1e87d4d6c0", "key/<uuid>"),
        ("subnet-4835f7617bb98348b", "data subnet"),
        ("vpc-34226e9ac10dfa7eb", "<vpc>"),
    ],
)
def test_what_is_drawn_is_shown_alike_in_every_build(drawn, shown):
    assert snapshot._comparable([drawn], {"subnet-4835f7617bb98348b": "data subnet"}) == [shown]
