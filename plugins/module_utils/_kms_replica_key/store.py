# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write replica keys, in the primary's region and in the replica's."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import (
    PlatformError,
    doing,
    error_code,
    explain,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import is_unavailable
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Call, Key
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.patience import with_patience
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.reads import read_key
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.model import (
    Observed,
    Wanted,
    Work,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

try:
    from botocore import xform_name
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    BotoCoreError = ClientError = Exception

_INTERVAL = 1.0


class _UnavailableError(Exception):
    """A region does not answer; the message says what was answered."""


class ReplicaKeyStore:
    """Read and write the keys of any number of regions. `client_for(region)` gives a KMS client."""

    def __init__(self, client_for: t.Callable[[str], t.Any], timeout: float):
        self._client_for = client_for
        self._timeout = timeout

    def read(self, entries: t.Sequence[Wanted]) -> list[Observed]:
        """Read what KMS holds for each entry, at the same time."""
        for region in {region for entry in entries for region in (entry.primary_region, entry.replica_region)}:
            self._client_for(region)  # boto3 makes clients in one thread only
        return in_parallel(self._read, entries)

    def _read(self, entry: Wanted) -> Observed:
        unreachable = []
        primary = alias_key = None
        try:
            primary = self._describe(entry.primary, entry.primary_region)
        except _UnavailableError as error:
            unreachable.append((entry.primary_region, str(error)))
        try:
            alias_key = self._describe(entry.alias, entry.replica_region)
            replica = self._find_replica(entry, primary, alias_key)
        except _UnavailableError as error:
            unreachable.append((entry.replica_region, str(error)))
            replica = None
        return Observed(primary, replica, alias_key.key_id if alias_key else None, tuple(unreachable))

    def _find_replica(self, entry: Wanted, primary: Key | None, alias_key: Key | None) -> Key | None:
        """Find the replica by the primary's key ID, or by its alias where the primary is gone."""
        key_id = primary.key_id if primary else entry.key_id
        if key_id is None:
            is_ours = alias_key and alias_key.role == "REPLICA" and f":{entry.primary_region}:" in alias_key.primary_arn
            key_id = alias_key.key_id if is_ours else None
        if key_id is None:
            return None
        return self._describe(
            key_id, entry.replica_region, with_tags=entry.tags is not None, with_policy=bool(entry.policy)
        )

    def _describe(self, name: str, region: str, *, with_tags: bool = False, with_policy: bool = False) -> Key | None:
        client = self._client_for(region)
        with doing(f"read the key {name} in {region}"):
            try:
                return read_key(client, name, with_tags=with_tags, with_policy=with_policy)
            except (BotoCoreError, ClientError) as error:
                if error_code(error) == "NotFoundException":
                    return None
                if is_unavailable(error):
                    raise _UnavailableError(explain(error)) from error
                raise

    def apply(self, change: Change) -> None:
        """Make the calls of a change. Each leaves a state that the next run continues from."""
        work: Work = change.data
        if work.replicate:
            self._call(work.replicate, work.wanted, work.wanted.primary_region)
        if work.wait_for:
            self._wait_until_created(work.wanted, work.wait_for)
        for call in work.calls:
            self._call(call, work.wanted, work.wanted.replica_region)

    def _call(self, call: Call, entry: Wanted, region: str) -> None:
        with doing(f"change the {entry.name} ({call.operation} in {region})"):
            with_patience(
                getattr(self._client_for(region), xform_name(call.operation)), call.arguments, timeout=self._timeout
            )

    def _wait_until_created(self, entry: Wanted, key_id: str) -> None:
        """Wait until KMS has created a replica, which its region shows only after a while."""
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                replica = self._describe(key_id, entry.replica_region)
            except _UnavailableError as error:
                raise PlatformError(f"The {entry.name} was created, but its region does not answer: {error}") from error
            if replica is not None and replica.state != "Creating":
                return
            if time.monotonic() >= deadline:
                state = replica.state if replica else "not there"
                raise PlatformError(
                    f"The {entry.name} is still {state} after {self._timeout:.0f} s. Run again; raise O(wait_timeout)."
                )
            time.sleep(_INTERVAL)
