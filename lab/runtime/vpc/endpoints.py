# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Name AWS's addresses and host names as an instance meets them."""

from __future__ import annotations

from lab.settings import GLOBAL_REGION

METADATA = "169.254.169.254"
RESOLVER = "169.254.169.253"

_DOMAIN = "amazonaws.com"

# Services whose host names have one label more than most: a certificate's wildcard stands for one label only.
_DEEPER = ("s3", "dualstack", "s3.dualstack", "dynamodb", "ecr", "dkr.ecr", "elb", "eks")


def addresses(regions: tuple[str, ...]) -> dict[str, str]:
    """Return an address for each region's API, set apart for tests between networks (RFC 2544)."""
    return {region: f"198.18.0.{number}" for number, region in enumerate(regions, 1)}


def certificate_hosts(region: str) -> list[str]:
    """Return the names that a region's API answers to."""
    domains = [f"{region}.{_DOMAIN}", *([_DOMAIN] if region == GLOBAL_REGION else [])]
    return [f"*.{part}{domain}" for domain in domains for part in ("", *(f"{deeper}." for deeper in _DEEPER))]


def region_of(host: str, regions: tuple[str, ...]) -> str | None:
    """Return the region whose API answers to a host name: one of this lab, or None."""
    name = host.lower().rstrip(".")
    if not name.endswith(f".{_DOMAIN}"):
        return None
    labels = name.removesuffix(f".{_DOMAIN}").split(".")
    for region in regions:
        if labels[-1] == region:
            return region if len(labels) > 1 else None
    # What AWS keeps once an account has no region in its name: iam, sts, route53, and S3's oldest form.
    return GLOBAL_REGION if len(labels) == 1 or labels[-1] == "s3" else None
