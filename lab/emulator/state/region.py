# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Choose the region in which a request of the control API acts."""

from __future__ import annotations

from ministack.core import responses

from lab.settings import ACCOUNT_ID


def in_region(region: str) -> None:
    """From here on this request acts as one of the lab's account in `region`."""
    responses.set_request_account_id(ACCOUNT_ID)
    responses.set_request_region(region)
