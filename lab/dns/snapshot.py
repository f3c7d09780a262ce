# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the emulator's Route 53 holds, as plain data. Runs in the emulator's process; a resolver sees the zones of all accounts."""

from __future__ import annotations

from typing import Any

import ministack.services.route53 as route53

from lab.dns.zones import Zone, Zones


def take() -> dict[str, Any]:
    """The public zones with their record sets, and the health checks."""
    with route53._lock:
        zones = [
            {"zone_id": zone["id"], "name": zone["name"], "records": list(route53._records._data[account, zone["id"]])}
            for (account, _zone_id), zone in route53._zones._data.items()
            if not zone.get("private")
        ]
        checks = [
            {"id": check["id"], "config": dict(check["config"])} for check in route53._health_checks._data.values()
        ]
    return {"zones": zones, "health_checks": checks}


def zones_of(taken: dict[str, Any]) -> Zones:
    """The zones of a snapshot."""
    return Zones(Zone(zone["zone_id"], zone["name"], tuple(zone["records"])) for zone in taken["zones"])
