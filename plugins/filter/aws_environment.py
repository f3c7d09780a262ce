# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The filter `aws_environment`; aws_environment.yml documents it."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleTypeError

# AWS runs these control planes in us-east-1 only; the names are botocore's for AWS_ENDPOINT_URL_<SERVICE>.
GLOBAL_REGION = "us-east-1"
GLOBAL_SERVICES = ("IAM", "ROUTE_53", "CLOUDFRONT")


def aws_environment(region: str, endpoints: dict[str, str] | None = None) -> dict[str, str]:
    """Return environment variables that make every AWS SDK use `region`, through the endpoints given."""
    if not isinstance(region, str) or not region:
        raise AnsibleTypeError(f"aws_environment wants the name of a region, got {region!r}")
    environment = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    endpoints = endpoints or {}
    if region in endpoints:
        environment["AWS_ENDPOINT_URL"] = endpoints[region]
    if GLOBAL_REGION in endpoints:
        environment |= {f"AWS_ENDPOINT_URL_{service}": endpoints[GLOBAL_REGION] for service in GLOBAL_SERVICES}
    return environment


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable]:
        return {"aws_environment": aws_environment}
