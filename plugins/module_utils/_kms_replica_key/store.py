# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Reads and writes replica keys, in the primary's region and in the replica's."""

from __future__ import annotations

import time
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import (
    PlatformError,
    doing,
    error_code,
    explain,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import is_unavailable
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Call, Key
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.reads import read_key
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_replica_key.model import (
    Options,
    Seen,
    Wanted,
    replica_calls,
    replicate_call,
)

try:
    from botocore import xform_name
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    BotoCoreError = ClientError = Exception

_WORKERS = 8
_INTERVAL = 1.0


class _UnavailableError(Exception):
    """A region does not answer; the message says what was answered."""


class ReplicaKeyStore:
    """The keys of any number of regions. `client_for(region)` gives a KMS client."""

    def __init__(self, client_for: t.Callable[[str], t.Any], timeout: float):
        self._client_for = client_for
        self._timeout = timeout

    def read(self, entries: t.Sequence[Wanted]) -> list[Seen]:
        """What KMS holds for each entry, read at the same time."""
        for region in {region for entry in entries for region in (entry.primary_region, entry.replica_region)}:
            self._client_for(region)  # boto3 makes clients in one thread only
        with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
            return list(pool.map(self._see, entries))

    def _see(self, entry: Wanted) -> Seen:
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
        return Seen(primary, replica, alias_key.key_id if alias_key else None, tuple(unreachable))

    def _find_replica(self, entry: Wanted, primary: Key | None, alias_key: Key | None) -> Key | None:
        """The replica by the primary's key ID, or by its alias where the primary is gone."""
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

    def apply(self, entry: Wanted, seen: Seen, options: Options) -> None:
        """Carry out what one entry needs. Every call by itself leaves a state that the next run goes on from."""
        if options.present and seen.replica is None:
            self._call(replicate_call(entry, seen.primary), entry, entry.primary_region)
        if options.present and (seen.replica is None or seen.replica.state == "Creating"):
            seen = Seen(seen.primary, self._wait_until_created(entry, seen.primary.key_id), seen.alias_key_id)
        for call in replica_calls(entry, seen, options):
            self._call(call, entry, entry.replica_region)

    def _call(self, call: Call, entry: Wanted, region: str) -> None:
        with doing(f"change the {entry.name} ({call.operation} in {region})"):
            getattr(self._client_for(region), xform_name(call.operation))(**call.arguments)

    def _wait_until_created(self, entry: Wanted, key_id: str) -> Key:
        """KMS creates a replica in a few seconds, and shows it in its region only after a while."""
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                replica = self._describe(
                    key_id, entry.replica_region, with_tags=entry.tags is not None, with_policy=bool(entry.policy)
                )
            except _UnavailableError as error:
                raise PlatformError(f"The {entry.name} was created, but its region does not answer: {error}") from error
            if replica is not None and replica.state != "Creating":
                return replica
            if time.monotonic() >= deadline:
                state = replica.state if replica else "not there"
                raise PlatformError(
                    f"The {entry.name} is still {state} after {self._timeout:.0f} s. Run again; raise O(wait_timeout)."
                )
            time.sleep(_INTERVAL)
