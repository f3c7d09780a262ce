# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Turn the services of the role `dns` into failover records, and check its settings."""

from __future__ import annotations

import re
import typing as t

_TYPES = ("HTTP", "HTTPS", "TCP")
_INTERVALS = (10, 30)
_TTL_MAX = 60
_THRESHOLD_MAX = 10
_TARGETS_MAX = 2
_KEYS = {"name", "targets", "type", "port", "path", "ttl", "interval", "threshold"}
_LABEL = re.compile(r"(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)")
_PORTS = {"HTTP": 80, "HTTPS": 443}

Services = list[dict[str, t.Any]]


def _health_check(service: dict[str, t.Any], platform: dict[str, t.Any]) -> dict[str, t.Any]:
    kind = service.get("type", "HTTPS")
    return {
        "type": kind,
        "port": service.get("port", _PORTS.get(kind)),
        "path": service.get("path", "/"),
        "interval": service.get("interval", platform["interval"]),
        "threshold": service.get("threshold", platform["threshold"]),
    }


def dns_records(services: Services, platform: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return the services as M(knowledgecity.platform.route53_failover_records) takes them."""
    return [
        {
            "name": f"{service['name']}.{platform['domain']}",
            "ttl": service.get("ttl", platform["ttl"]),
            "targets": [{"region": region, "host": host} for region, host in service["targets"].items()],
            "health_check": _health_check(service, platform),
        }
        for service in services
    ]


def dns_problems(services: Services, platform: dict[str, t.Any]) -> list[str]:
    """Return what is wrong with the settings, each with the setting to fix; an empty list where nothing is."""
    problems = [*_zone_problems(platform), *_certificate_problems(platform)]
    seen: set[t.Any] = set()
    for position, service in enumerate(services):
        name = service.get("name")
        where = f"dns_services[{position}]" + (f" ({name})" if name else "")
        if name in seen:
            problems.append(f"{where}.name is stated twice.")
        seen.add(name)
        problems += [f"{where}{text}" for text in _service_problems(service, platform)]
    return problems


def _within(name: str, zone: str) -> bool:
    return name == zone or name.endswith(f".{zone}")


def _zone_problems(platform: dict[str, t.Any]) -> t.Iterator[str]:
    if not _within(platform["domain"], platform["zone"]):
        yield (
            f"dns_zone is {platform['zone']}, which does not hold platform_domain, {platform['domain']}. Name that zone, or one "
            "above it."
        )


def _certificate_problems(platform: dict[str, t.Any]) -> t.Iterator[str]:
    for position, entry in enumerate(platform["certificates"]):
        where = f"dns_certificates[{position}]"
        if not entry.get("domain_name") or not entry.get("regions"):
            yield f"{where} needs both domain_name and regions."
            continue
        names = [entry["domain_name"], *entry.get("subject_alternative_names", [])]
        outside = [name for name in names if not _within(str(name).removeprefix("*."), platform["zone"])]
        if outside:
            yield (
                f"{where} names {', '.join(outside)}, outside the zone {platform['zone']} (dns_zone), where its validation record "
                "could not be written. Remove it, or request it with acm_public_certificate and validate: false."
            )


def _service_problems(service: dict[str, t.Any], platform: dict[str, t.Any]) -> t.Iterator[str]:
    for key in sorted(set(service) - _KEYS):
        yield f".{key} is not a setting. Known here: {', '.join(sorted(_KEYS))}."
    name = service.get("name")
    if not isinstance(name, str) or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        yield f".name is {name!r}. Write the part before {platform['domain']}, such as `api`; the apex can't be a CNAME."
    yield from _target_problems(service.get("targets"), platform["regions"])
    kind = service.get("type", "HTTPS")
    if kind not in _TYPES:
        yield f".type is {kind!r}; it can be {', '.join(_TYPES)}."
    elif kind == "TCP" and "port" not in service:
        yield ".port is missing, which a TCP check needs."
    check = _health_check(service, platform) | {"ttl": service.get("ttl", platform["ttl"])}
    yield from _number_problems(check)


def _target_problems(targets: t.Any, regions: t.Collection[str]) -> t.Iterator[str]:
    if not isinstance(targets, dict) or not targets:
        yield ".targets is missing. It maps regions to host names, such as {me-west-1: lb.example.com}."
        return
    unknown = [str(region) for region in targets if region not in regions]
    if unknown:
        yield f".targets names {', '.join(unknown)}, which platform_regions does not have."
    if len(targets) > _TARGETS_MAX:
        yield f".targets names {len(targets)} regions; a name fails over between {_TARGETS_MAX}."


def _number_problems(check: dict[str, t.Any]) -> t.Iterator[str]:
    if check["interval"] not in _INTERVALS:
        yield f".interval (dns_health_check_interval) is {check['interval']!r}; Route 53 takes 10 or 30."
    for name, setting, most in (
        ("threshold", "dns_health_check_threshold", _THRESHOLD_MAX),
        ("ttl", "dns_failover_ttl", _TTL_MAX),
    ):
        value = check[name]
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            yield f".{name} ({setting}) is {value!r}; it can be 1 to {most}."
