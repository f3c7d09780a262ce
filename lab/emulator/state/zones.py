# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read what Route 53 holds, as plain data; a resolver sees the zones of all accounts."""

from __future__ import annotations

from typing import Any

import ministack.services.alb as alb
import ministack.services.route53 as route53
from ministack.core.responses import request_scope

from lab.dns.zones import Zone, Zones
from lab.emulator.state import load_balancers


def take() -> dict[str, Any]:
    """Return the public zones with their record sets, and the health checks."""
    with route53._lock:
        zones = [
            {"zone_id": zone["id"], "name": zone["name"], "records": list(route53._records._data[account, zone["id"]])}
            for (account, _zone_id), zone in route53._zones._data.items()
            if not zone.get("private")
        ]
        checks = [
            {"id": check["id"], "config": dict(check["config"])} for check in route53._health_checks._data.values()
        ]
    return {"zones": zones, "health_checks": checks, "hosts": _hosts()}


def _hosts() -> dict[str, dict]:
    """Return the names that AWS gives to load balancers, with where they are: those of all accounts and regions."""
    found = {}
    for account, region in {(account, region) for (account, region, _arn), _balancer in alb._lbs.all_items()}:
        with request_scope(account, region):
            found |= load_balancers.hosts()
    return found


def zones_of(taken: dict[str, Any]) -> Zones:
    """Return the zones of a snapshot."""
    return Zones(Zone(zone["zone_id"], zone["name"], tuple(zone["records"])) for zone in taken["zones"])
