# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Secrets as they are, without what they hold."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from tests.policies.template import Resource, chosen


def secrets(manager: t.Any, prefix: str) -> Iterator[Resource]:
    """The secrets whose names begin so."""
    for page in manager.get_paginator("list_secrets").paginate():
        for secret in page["SecretList"]:
            if secret["Name"].startswith(f"{prefix}/"):
                # The lab's list leaves the key out.
                described = manager.describe_secret(SecretId=secret["ARN"])
                yield Resource("AWS::SecretsManager::Secret", secret["Name"], chosen(described, "Name", "KmsKeyId"))
