# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The filters `storage_buckets`, `storage_replications`, `storage_replication_policy` and `storage_problems`.

The .yml files of these names document them.
"""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.plugin_utils.storage.buckets import storage_buckets
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.storage.checks import storage_problems
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.storage.replication import (
    storage_replication_policy,
    storage_replications,
)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable]:
        return {
            "storage_buckets": storage_buckets,
            "storage_problems": storage_problems,
            "storage_replication_policy": storage_replication_policy,
            "storage_replications": storage_replications,
        }
