# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make clients of the lab's administrator, for what the lab and its tools do themselves; playbooks run as the operator."""

from __future__ import annotations

from typing import Any

from lab.stack import Stack


def client(stack: Stack, service: str, region: str) -> Any:
    """Return a boto3 client of one region of a running lab."""
    import boto3  # a third of a second, for which `lab status` and the like need not wait

    key = stack.administrator_key()
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=stack.endpoints[region],
        verify=str(stack.settings.ca_certificate),
        aws_access_key_id=key["access_key_id"],
        aws_secret_access_key=key["secret"],
    )
