# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reconcile the deletion protection of DynamoDB tables."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import retrying
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing, error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

Protections: t.TypeAlias = "dict[str, bool | None]"


def plan(current: Protections, wanted: bool, *, check_mode: bool) -> list[Change]:
    """Plan the changes. Raise PlatformError where a table that is to be protected isn't there, None in `current`."""
    missing = sorted(name for name, protected in current.items() if protected is None)
    if missing and wanted and not check_mode:
        raise PlatformError(
            f"These tables are not there: {', '.join(missing)}. Nothing was changed. Create them first."
        )
    return [
        Change(
            "set", "deletion protection", name, before=protected, after=wanted, title=f"deletion protection of {name}"
        )
        for name, protected in current.items()
        if protected is not None and protected != wanted
    ]


class ProtectionReconciler:
    """Read, plan and set the deletion protection of tables in the region that `client` works in."""

    def __init__(
        self,
        tables: t.Sequence[str],
        wanted: bool,
        client: t.Any,
        region: str,
        *,
        check_mode: bool,
        wait_timeout: float,
    ):
        self._tables = tables
        self._wanted = wanted
        self._client = client
        self._region = region
        self._check_mode = check_mode
        self._wait_timeout = wait_timeout

    def read(self) -> Protections:
        """Read whether each table is protected; None where there is no such table."""
        return dict(zip(self._tables, in_parallel(self._protected, self._tables), strict=True))

    def plan(self, current: Protections) -> list[Change]:
        """Plan the changes of all tables."""
        return plan(current, self._wanted, check_mode=self._check_mode)

    def apply(self, changes: list[Change]) -> None:
        """Set what the changes say. A table that is being changed otherwise is waited for."""
        update = retrying(self._client.update_table, "ResourceInUseException", timeout=self._wait_timeout)
        for change in changes:
            with doing(f"set the deletion protection of the table {change.name} in {self._region}"):
                update(TableName=change.name, DeletionProtectionEnabled=change.after)

    def _protected(self, name: str) -> bool | None:
        with doing(f"read the table {name} in {self._region}"):
            try:
                return bool(self._client.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"))
            except ClientError as error:
                if error_code(error) == "ResourceNotFoundException":
                    return None
                raise
