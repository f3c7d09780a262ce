# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write the keys of one region."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing, error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.model import Key
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.patience import with_patience
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.reads import read_key, read_tags
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms.uses import KeyUses
from ansible_collections.knowledgecity.platform.plugins.module_utils._kms_keys.model import (
    Observed,
    Wanted,
    unscheduled,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

try:
    from botocore import xform_name
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception


class KeyStore:
    """Read and write the keys of the region that `client` works in."""

    def __init__(self, client: t.Any, region: str, uses: KeyUses, timeout: float):
        self._client = client
        self._region = region
        self._uses = uses
        self._timeout = timeout

    def read(self, entries: t.Sequence[Wanted], *, present: bool) -> list[Observed]:
        """Read what KMS holds for each entry, at the same time.

        Keys without an alias are read only for entries whose alias is missing, or that are to be removed: it takes a call a key.
        """
        with doing(f"list the key aliases in {self._region}"):
            pages = self._client.get_paginator("list_aliases").paginate()
            targets = {alias["AliasName"]: alias.get("TargetKeyId") for page in pages for alias in page["Aliases"]}
        holders = in_parallel(lambda entry: self._read(targets.get(entry.alias), entry), entries)
        searching = [
            entry
            for entry, holder in zip(entries, holders, strict=True)
            if entry.identity and (holder is None or not present)
        ]
        unnamed = self._unnamed({*targets.values()}) if searching else {}
        orphans = {entry.alias: [key_id for key_id, tags in unnamed.items() if entry.owns(tags)] for entry in searching}
        found = [
            Observed(
                holder,
                tuple(in_parallel(lambda key_id, e=entry: self._read(key_id, e), orphans.get(entry.alias, []))),
            )
            for entry, holder in zip(entries, holders, strict=True)
        ]
        return found if present else self._with_uses(found)

    def _with_uses(self, found: list[Observed]) -> list[Observed]:
        uses = self._uses.read([key.arn for observed in found for key in unscheduled(observed)])
        return [dataclasses.replace(observed, uses=uses) for observed in found]

    def _unnamed(self, named: set[str | None]) -> dict[str, dict[str, str]]:
        """Read the tags of every key that has no alias."""
        with doing(f"list the keys in {self._region}"):
            pages = self._client.get_paginator("list_keys").paginate()
            key_ids = [key["KeyId"] for page in pages for key in page["Keys"] if key["KeyId"] not in named]
        return dict(zip(key_ids, in_parallel(self._tags_if_readable, key_ids), strict=True))

    def _tags_if_readable(self, key_id: str) -> dict[str, str]:
        with doing(f"read the tags of the key {key_id} in {self._region}"):
            try:
                return read_tags(self._client, key_id)
            except ClientError as error:
                # A key whose policy denies this account's operators is none of ours.
                if error_code(error) in ("AccessDeniedException", "NotFoundException"):
                    return {}
                raise

    def _read(self, key_id: str | None, entry: Wanted) -> Key | None:
        if key_id is None:
            return None
        with doing(f"read the {entry.name} in {self._region}"):
            return read_key(
                self._client, key_id, with_tags=True, with_policy=entry.policy is not None, with_rotation=True
            )

    def apply(self, changes: list[Change]) -> None:
        """Make the calls of one entry's changes. Each leaves a state that the next run continues from."""
        created = None
        for change in changes:
            for call in change.data:
                with doing(f"{change.action} the {change.resource} ({call.operation} in {self._region})"):
                    answer = with_patience(
                        getattr(self._client, xform_name(call.operation)),
                        call.of_key(created).arguments,
                        timeout=self._timeout,
                        key_is_new=created is not None,
                    )
                if call.operation == "CreateKey":
                    created = answer["KeyMetadata"]["KeyId"]
