# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Calls of Route 53's API that the emulator does not know."""

from __future__ import annotations

import re
from collections.abc import Callable

import ministack.services.route53 as route53


def answer_get(pattern: str, answer: Callable[[str], tuple]) -> None:
    """Answer GET of a path below the API's version; `answer` gets the ID that the pattern's group holds."""
    wanted = re.compile(rf"/{route53.API_VERSION}{pattern}")
    handle = route53.handle_request

    async def handle_request(method, path, headers, body, query_params):
        found = wanted.fullmatch(path)
        if method == "GET" and found:
            return answer(found[1])
        return await handle(method, path, headers, body, query_params)

    route53.handle_request = handle_request
