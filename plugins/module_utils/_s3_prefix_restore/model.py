# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Model the versions of the objects below a prefix, and plan which come back. Pure functions, no client.

What comes back is a new version, a copy of the old one: nothing is deleted, and S3 replicates it like any other object.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

# Metadata of a copy: the version that it is of.
COPY_OF = "restored-version"


@dataclasses.dataclass(frozen=True)
class Version:
    """A version of an object, or a delete marker. ``copy_of`` is known of latest versions that may be copies."""

    key: str
    id: str
    written: datetime.datetime
    latest: bool
    marker: bool
    size: int = 0
    copy_of: str | None = None


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What the options ask for."""

    bucket: str
    prefix: str
    moment: datetime.datetime
    overwritten: bool
    exact: bool = False

    def covers(self, key: str) -> bool:
        """Return whether a key is asked for: a listing also returns those that begin with it."""
        return key == self.prefix if self.exact else key.startswith(self.prefix)


def at(moment: datetime.datetime, versions: t.Sequence[Version]) -> Version | None:
    """Return the version that an object had at a moment, or None where there was no object. The newest is first."""
    found = next((version for version in versions if version.written <= moment), None)
    return found if found and not found.marker else None


def by_key(versions: t.Iterable[Version]) -> dict[str, list[Version]]:
    """Group versions by key, the newest first, as S3 lists them."""
    found: dict[str, list[Version]] = {}
    for version in versions:
        found.setdefault(version.key, []).append(version)
    for group in found.values():
        group.sort(key=lambda version: (version.latest, version.written), reverse=True)
    return found


def candidates(wanted: Wanted, versions: t.Iterable[Version]) -> list[tuple[Version, Version]]:
    """Return the versions that were there at the moment and aren't the latest now, each with the latest."""
    found = []
    for _key, group in sorted(by_key(item for item in versions if wanted.covers(item.key)).items()):
        old, latest = at(wanted.moment, group), group[0]
        if old and latest.id != old.id and (latest.marker or wanted.overwritten):
            found.append((old, latest))
    return found


def plan(wanted: Wanted, versions: t.Iterable[Version]) -> list[Change]:
    """Plan a copy of each version that isn't the latest, unless the latest is a copy of it already."""
    changes = []
    for old, latest in candidates(wanted, versions):
        if latest.copy_of == old.id:
            continue
        before = "deleted" if latest.marker else latest.id
        changes.append(Change("restore", "object", old.key, before, old.id, data=old))
    return changes
