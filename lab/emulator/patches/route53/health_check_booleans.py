# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A health check says true and false as XML does.

The emulator writes Python's True and False, which SDKs read as false: whoever compares what is wanted with what is there finds a
difference for ever.
"""

from __future__ import annotations

import ministack.services.route53 as route53


def apply() -> None:
    build = route53._build_health_check_el

    def build_health_check(parent, check):
        config = {
            name: str(value).lower() if isinstance(value, bool) else value for name, value in check["config"].items()
        }
        build(parent, check | {"config": config})

    route53._build_health_check_el = build_health_check
