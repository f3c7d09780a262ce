# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find what keeps tenants' instances from becoming what is wanted. Pure functions."""

from __future__ import annotations

import collections
import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils import _rds_parameters as parameters
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_master_secret import model as master
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.model import (
    READY,
    UNDER_WAY,
    Instance,
    Place,
    State,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenant_instances.plan import (
    is_too_near,
    master_wanted,
    parameter_group_name,
    replicas_of,
)

# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
_IDENTIFIER = re.compile(r"[a-z](-?[a-z0-9])*")
_LONGEST, _MOST_DAYS = 63, 35


def check_entries(entries: t.Sequence[Wanted], *, standby: str | None) -> list[Finding]:
    """Find what is wrong with the entries by themselves."""
    texts = [text for wanted in entries for text in _entry(wanted, standby)]
    for key, count in collections.Counter(place.key for wanted in entries for place in wanted.places).items():
        if count > 1:
            texts.append(f"{count} tenants have an instance {key[1]} in {key[0]}: one each.")
    return wrong(texts)


def check_state(entries: t.Sequence[Wanted], state: State, region: str) -> list[Finding]:
    """Find what is there and can't be changed into what is wanted."""
    return wrong(text for wanted in entries for text in _against(wanted, state, region))


def wrong(texts: t.Iterable[str]) -> list[Finding]:
    """Return a finding for each text."""
    return [Finding("wrong", text, text) for text in texts]


def _entry(wanted: Wanted, standby: str | None) -> t.Iterator[str]:
    for place in wanted.places:
        if not _IDENTIFIER.fullmatch(place.identifier) or len(place.identifier) > _LONGEST:
            yield (
                f"{wanted.tenant}: {place.identifier!r} is no identifier of a DB instance: at most {_LONGEST} small letters, "
                "digits and single hyphens, beginning with a letter."
            )
    if wanted.state != "absent":
        yield from _settings(wanted, standby)
    elif not wanted.final_snapshot:
        yield f"{wanted.tenant} is removed only with a final_snapshot of its own. Fix: name one in its entry."


def _settings(wanted: Wanted, standby: str | None) -> t.Iterator[str]:
    days = wanted.stated.get("BackupRetentionPeriod", 1)
    if not 1 <= days <= _MOST_DAYS:
        yield f"{wanted.tenant}: automated backups are kept 1 to {_MOST_DAYS} days, not {days}."
    size = wanted.stated.get("AllocatedStorage", wanted.for_new.get("AllocatedStorage", 0))
    limit = wanted.stated.get("MaxAllocatedStorage", 0)
    if is_too_near(limit, size):
        yield (
            f"{wanted.tenant}: storage_max_gib is {limit}, and RDS takes at least a tenth above storage_gib ({size}), or no more "
            "than it, where the storage isn't to grow."
        )
    if wanted.replica_stated and not standby:
        yield f"{wanted.tenant} asks for a replica, but O(standby) doesn't say where."
    if standby == wanted.at.region:
        yield f"O(standby) is {standby}, the region of the instances themselves. Fix: name the other one."
    if wanted.replica and not wanted.replica.kms_key:
        yield f"{wanted.tenant}: an encrypted replica needs a key of {wanted.replica.region}: O(standby.kms_key)."
    for place in wanted.places:
        if wanted.stated.get("MonitoringInterval") and not place.monitoring_role_arn:
            yield f"{wanted.tenant}: monitoring_interval needs a monitoring_role_arn in {place.region}."


def _against(wanted: Wanted, state: State, region: str) -> t.Iterator[str]:
    instance = state.at(wanted.at)
    if wanted.state == "absent":
        yield from _removal(wanted, instance, state)
        return
    yield from _keys(wanted, state)
    yield from _parameters(wanted, state)
    yield from _group_families(wanted, state)
    if instance is None and not wanted.at.subnets:
        yield f"{wanted.tenant}: {wanted.at.label} is not there yet, and a new one needs subnets."
    if instance:
        yield from _dedicated(wanted, instance, state)
    replica = state.at(wanted.replica)
    if replica and (instance is None or replica.source not in (instance.arn, instance.identifier)):
        yield (
            f"{wanted.tenant}: {wanted.replica.label} is there and no replica of {wanted.at.label}. If it was promoted, "
            "its region is where the tenant's instance is now. Fix: else give one of the two another identifier."
        )
    elif replica:
        yield from _key_kept(wanted, wanted.replica, replica, state)
    yield from _master(wanted, state, region)


def _dedicated(wanted: Wanted, instance: Instance, state: State) -> t.Iterator[str]:
    label = f"{wanted.tenant}: {wanted.at.label}"
    if instance.engine != "mysql":
        yield f"{label} is {instance.engine}, not MySQL."
    if instance.source:
        yield (
            f"{label} is a read replica of {instance.source}. Fix: run this in the region of its source, or promote it first."
        )
    if instance.status not in READY | UNDER_WAY:
        yield f"{label} is {instance.status}. Fix: {_FIXES.get(instance.status, 'read its events in RDS.')}"
    if not instance.encrypted:
        yield (
            f"{label} is not encrypted, and RDS can't change that. Fix: restore it from an encrypted copy of a snapshot: "
            f"aws rds copy-db-snapshot --kms-key-id {wanted.at.kms_key or 'KEY'} ..."
        )
    else:
        yield from _key_kept(wanted, wanted.at, instance, state)
    if instance.managed_password:
        yield (
            f"{label} has a password that RDS manages itself, with which it can't have a replica. Fix: end that first: "
            f"aws rds modify-db-instance --db-instance-identifier {instance.identifier} --region {instance.region} "
            "--no-manage-master-user-password --master-user-password ..."
        )
    yield from _storage(wanted, instance)


_FIXES = {
    "stopped": "start it: aws rds start-db-instance.",
    "storage-full": "give it more storage_gib by hand (aws rds modify-db-instance), since RDS takes nothing else until then.",
    "inaccessible-encryption-credentials": "enable its KMS key.",
    "incompatible-parameters": "correct its parameter group, and reboot it.",
}


def _storage(wanted: Wanted, instance: Instance) -> t.Iterator[str]:
    asked, held = wanted.stated.get("AllocatedStorage", 0), instance.values.get("AllocatedStorage", 0)
    grows = instance.values.get("MaxAllocatedStorage", 0) > held
    if asked and held > max(asked, wanted.stated.get("MaxAllocatedStorage", 0)) and not grows:
        yield f"{wanted.tenant}: {wanted.at.label} has {held} GiB, and RDS can't shrink it to {asked}."


def _key_kept(wanted: Wanted, place: Place, instance: Instance, state: State) -> t.Iterator[str]:
    asked = state.keys.get((place.region, place.kms_key or ""))
    if asked and instance.kms_key and asked != instance.kms_key:
        yield (
            f"{wanted.tenant}: {place.label} is encrypted with {instance.kms_key}, not with {place.kms_key}, and RDS can't "
            "change that. Fix: state the key it has, or restore it from a copy of a snapshot with the other key."
        )


def _keys(wanted: Wanted, state: State) -> t.Iterator[str]:
    for place in wanted.places:
        if place.kms_key and state.keys.get((place.region, place.kms_key), "") is None:
            yield f"{wanted.tenant}: there is no key {place.kms_key} in {place.region}."


def _parameters(wanted: Wanted, state: State) -> t.Iterator[str]:
    known = state.types.get(wanted.family)
    if known is None:
        return
    if not known:
        yield f"{wanted.tenant}: RDS knows no parameter family {wanted.family}."
        return
    for unknown in sorted(wanted.parameters.keys() - known.keys()):
        yield f"{wanted.tenant}: {unknown} is no parameter of {wanted.family} that can be set."
    for name in sorted(wanted.parameters.keys() & known.keys()):
        problem = parameters.fault(name, wanted.parameters[name], known[name])
        if problem:
            yield f"{wanted.tenant}: {problem}"


def _group_families(wanted: Wanted, state: State) -> t.Iterator[str]:
    for place in wanted.places:
        name = parameter_group_name(place, state.at(place), state)
        group = state.parameter_groups.get((place.region, name))
        if group and group.family != wanted.family:
            yield (
                f"{wanted.tenant}: the parameter group {name} in {place.region} is of the family {group.family}, "
                f"not {wanted.family}."
            )


def _master(wanted: Wanted, state: State, region: str) -> t.Iterator[str]:
    held = state.masters.get(wanted.tenant)
    if held is None:
        return
    for finding in master.check(master_wanted(wanted, state), held, region):
        # A missing instance is created, and a replica was found above.
        if finding.kind == "wrong" and not held.is_replica:
            yield finding.text


def _removal(wanted: Wanted, instance: Instance | None, state: State) -> t.Iterator[str]:
    if instance is None:
        return
    if instance.source:
        yield (
            f"{wanted.tenant}: {wanted.at.label} is a read replica of {instance.source}. Fix: run this in the region "
            "of its source."
        )
    replicas = replicas_of(instance)
    for place in replicas:
        if place.key not in state.instances:
            yield (
                f"{wanted.tenant} has a replica {place.label}, which this run doesn't read. Fix: remove it first, or name its "
                "region in O(standby)."
            )
    for place in [wanted.at, *replicas]:
        held = state.at(place)
        if held and held.values.get("DeletionProtection") and wanted.stated.get("DeletionProtection"):
            yield (
                f"{wanted.tenant}: {place.label} is protected against deletion. Fix: if it is really to be deleted, state "
                "deletion_protection: false in the tenant's instance settings."
            )
    if wanted.final_snapshot in state.snapshots and instance.status != "deleting":
        yield (
            f"{wanted.tenant}: the snapshot {wanted.final_snapshot} exists already, and would not hold what is removed "
            "now. Fix: name another final_snapshot."
        )
