# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Log groups as they are."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from tests.policies.template import Properties, Resource

_NAMES = {"logGroupName": "LogGroupName", "retentionInDays": "RetentionInDays", "kmsKeyId": "KmsKeyId"}


def log_groups(logs: t.Any, prefix: str) -> Iterator[Resource]:
    """The log groups whose names begin so."""
    for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
        for group in page["logGroups"]:
            properties: Properties = {name: group[key] for key, name in _NAMES.items() if key in group}
            yield Resource("AWS::Logs::LogGroup", group["logGroupName"], properties)
