# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The right to a DynamoDB table's tags is checked on that table.

On AWS TagResource, UntagResource and ListTagsOfResource are allowed by a policy that names the table. The emulator doesn't find the
table in their ResourceArn, so that only a policy for every resource allows them.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lab.emulator.patches._access_checks import Check, Request, replace


def _checks(request: Request) -> Iterator[Check]:
    tagging = request.action in ("TagResource", "UntagResource", "ListTagsOfResource")
    yield Check((request.param("ResourceArn") if tagging else "") or request.resource)


def apply() -> None:
    replace("dynamodb", _checks)
