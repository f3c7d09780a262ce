# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""UpdateHealthCheck resets the elements that ResetElements names.

AWS sets them to their defaults; the emulator leaves them as they are.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html
"""

from __future__ import annotations

import ministack.services.route53 as route53


def apply() -> None:
    update = route53._update_health_check

    def update_and_reset(check_id: str, body: bytes):
        root, check = route53._parse_body(body), route53._health_checks.get(check_id)
        named = route53._find(root, "ResetElements") if root is not None else None
        if named is not None and check:
            for element in route53._findall(named, "ResettableElementName"):
                check["config"].pop(element.text or "", None)
        return update(check_id, body)

    route53._update_health_check = update_and_reset
