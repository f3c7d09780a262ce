# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Model an instance that is restored beside its source, and plan it. Pure functions, no client.

Tags of the restored instance say what it was restored from and to which second, so that a run that was cut off is gone on with, and
nothing that was not restored is ever deleted.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._moments import written
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

FROM_TAG, TO_TAG, SECRET_TAG = "restored-from", "restored-to", "master-secret-version"
_RESOURCE_ID = re.compile(r"db-[A-Z0-9]+")
_LIVE = ("active", "pending", "replicating", "creating")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What the options ask for. ``moment`` None: the latest second that can be restored."""

    name: str
    source: str
    moment: datetime.datetime | None
    settings: dict[str, t.Any]
    tags: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Backup:
    """An automated backup that the region keeps, and the first and the last second it can be restored to."""

    arn: str
    source_arn: str
    identifier: str
    resource_id: str
    status: str
    first: datetime.datetime | None
    last: datetime.datetime | None

    @property
    def live(self) -> bool:
        """Return whether it is still written."""
        return self.status in _LIVE

    def request(self, region: str) -> dict[str, str]:
        """Return the parameter by which RDS is told to restore it."""
        if self.source_arn.split(":")[3] != region:
            return {"SourceDBInstanceAutomatedBackupsArn": self.arn}
        if self.live:
            return {"SourceDBInstanceIdentifier": self.identifier}
        return {"SourceDbiResourceId": self.resource_id}


@dataclasses.dataclass(frozen=True)
class Instance:
    """The DB instance with the target's name. ``settling``: RDS still changes its password."""

    arn: str
    status: str
    username: str
    endpoint: dict[str, t.Any] | None
    protected: bool
    settling: bool
    tags: dict[str, str]


@dataclasses.dataclass(frozen=True)
class State:
    """What was read. ``secret`` are the version and the user name of the secret with the password, where one is named."""

    backups: tuple[Backup, ...]
    instance: Instance | None
    secret: tuple[str, str] | None


def find(wanted: Wanted, backups: t.Sequence[Backup], region: str) -> list[Backup]:
    """Return the backups of O(source): those that are still written if there are any, else those that were kept."""

    def named(item: Backup) -> bool:
        if wanted.source.startswith("arn:"):
            return item.source_arn == wanted.source
        if _RESOURCE_ID.fullmatch(wanted.source):
            return item.resource_id == wanted.source
        return item.identifier == wanted.source and item.source_arn.split(":")[3] == region

    found = [item for item in backups if named(item)]
    return [item for item in found if item.live] or found


def check(wanted: Wanted, state: State, region: str, now: datetime.datetime) -> list[Finding]:
    """Find what keeps the instance from being restored."""
    texts = []
    instance = state.instance
    if instance:
        texts += _check_existing(wanted, state, instance)
    else:
        texts += _check_backups(wanted, state, region, now)
    return [Finding("wrong", wanted.name, text) for text in texts]


def _check_existing(wanted: Wanted, state: State, instance: Instance) -> t.Iterator[str]:
    origin, moment = instance.tags.get(FROM_TAG), instance.tags.get(TO_TAG)
    if origin is None:
        yield f"There is a DB instance {wanted.name} that was not restored by this module. Fix: state another O(name)."
        return
    others = wanted.source if wanted.source.startswith("arn:") else None
    if (others and origin != others) or (wanted.moment and moment != written(wanted.moment)):
        yield (
            f"{wanted.name} is a restore of {origin} to {moment} already. Fix: state another O(name), or remove it with "
            "O(state=absent) first."
        )
    if instance.status.startswith(("failed", "incompatible", "inaccessible", "storage-full")):
        yield f"{wanted.name} is {instance.status}. Fix: see its events (aws rds describe-events), remove it, and restore again."
    if state.secret and state.secret[1] != instance.username:
        yield f"The master user of {wanted.name} is {instance.username}, but the secret's is {state.secret[1]}."


def _check_backups(wanted: Wanted, state: State, region: str, now: datetime.datetime) -> t.Iterator[str]:
    found = find(wanted, state.backups, region)
    if not found:
        yield (
            f"{region} keeps no automated backup of {wanted.source}. Fix: check O(source); an instance of another region is named "
            "by its ARN, a deleted one by its resource ID (aws rds describe-db-instance-automated-backups)."
        )
    elif len(found) > 1:
        resources = ", ".join(item.resource_id for item in found)
        yield f"{wanted.source} has {len(found)} automated backups. Fix: state one by its resource ID: {resources}."
    elif wanted.moment and wanted.moment > now:
        yield f"{written(wanted.moment)} is in the future: it is {written(now)}."
    elif wanted.moment and found[0].first and wanted.moment < found[0].first:
        yield (
            f"{wanted.source} can be restored from {written(found[0].first)} on, not to {written(wanted.moment)}. "
            "Fix: state a later O(restore_time), or restore a snapshot that was kept."
        )
    elif not found[0].live and (not found[0].last or (wanted.moment and wanted.moment > found[0].last)):
        last = written(found[0].last) if found[0].last else "never"
        yield f"The backup of {wanted.source} is no longer written, and ends at {last}."


def plan(wanted: Wanted, state: State) -> list[Change]:
    """Plan the restore, then the master password. ``wait``: RDS has not finished."""
    instance, name = state.instance, wanted.name
    if instance is None:
        moment = written(wanted.moment) if wanted.moment else "latest"
        after = {"source": wanted.source, "restore_time": moment, **wanted.settings, "tags": wanted.tags}
        return [Change("create", "DB instance", name, None, after)]
    if instance.status != "available" or instance.endpoint is None or instance.settling:
        return [Change("wait", "DB instance", name)]
    if state.secret and instance.tags.get(SECRET_TAG) != state.secret[0]:
        return [Change("set", "master password", name, title=f"master password of {name}")]
    return []


def plan_absent(wanted: Wanted, state: State) -> list[Change]:
    """Plan the deletion. Raise PlatformError where the instance isn't one that was restored."""
    instance = state.instance
    if instance is None:
        return []
    if FROM_TAG not in instance.tags:
        raise PlatformError(
            f"{wanted.name} was not restored by this module (it has no tag {FROM_TAG}), and is not deleted. Nothing was changed."
        )
    if instance.protected:
        raise PlatformError(
            f"{wanted.name} is protected against deletion. Fix: switch the protection off if nobody uses it. Nothing was changed."
        )
    if instance.status == "deleting":
        return [Change("wait", "DB instance", wanted.name)]
    return [Change("delete", "DB instance", wanted.name, {"status": instance.status}, None)]


def summary(wanted: Wanted, instance: Instance | None) -> dict[str, t.Any] | None:
    """Describe the restored instance for the result."""
    if instance is None:
        return None
    return {
        "name": wanted.name,
        "arn": instance.arn,
        "status": instance.status,
        "endpoint": (instance.endpoint or {}).get("Address"),
        "port": (instance.endpoint or {}).get("Port"),
        "source_arn": instance.tags.get(FROM_TAG),
        "restored_to": instance.tags.get(TO_TAG),
    }
