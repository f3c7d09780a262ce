# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A volume and its snapshots name the KMS key that they are encrypted with, and what is made of a snapshot is under its key.

On AWS a key's users are found by that name. The emulator drops the key of a request, so that nothing would notice a key that is
deleted under volumes or snapshots.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Volume.html
"""

from __future__ import annotations

import re

import ministack.services.ec2 as ec2
import ministack.services.kms as kms

_FIELD = "KmsKeyId"
_ID = {"volume": re.compile(rb"<volumeId>(vol-[0-9a-f]+)<"), "snapshot": re.compile(rb"<snapshotId>(snap-[0-9a-f]+)<")}


def _made(kind: str, store, answer: tuple) -> dict:
    return store[_ID[kind].search(answer[2])[1].decode()]


def _create_volume(create):
    def create_volume(params):
        answer = create(params)
        if answer[0] != 200:
            return answer
        volume, named = _made("volume", ec2._volumes, answer), ec2._p(params, _FIELD)
        source = ec2._snapshots.get(volume["SnapshotId"]) or {}
        key = kms._resolve_key(named) if named else None
        volume["Encrypted"] = volume["Encrypted"] or bool(source.get("Encrypted"))
        if volume["Encrypted"]:
            volume[_FIELD] = key["Arn"] if key else named or source.get(_FIELD, "")
        return ec2._xml(200, "CreateVolumeResponse", ec2._volume_inner_xml(volume))

    return create_volume


def _create_snapshot(create):
    def create_snapshot(params):
        answer = create(params)
        if answer[0] != 200:
            return answer
        snapshot = _made("snapshot", ec2._snapshots, answer)
        snapshot[_FIELD] = ec2._volumes[snapshot["VolumeId"]].get(_FIELD, "")
        return ec2._xml(200, "CreateSnapshotResponse", ec2._snapshot_inner_xml(snapshot))

    return create_snapshot


def _shown(render):
    def rendered(item):
        return render(item) + (f"<kmsKeyId>{item[_FIELD]}</kmsKeyId>" if item.get(_FIELD) else "")

    return rendered


def apply() -> None:
    ec2._volume_inner_xml, ec2._snapshot_inner_xml = _shown(ec2._volume_inner_xml), _shown(ec2._snapshot_inner_xml)
    actions = ec2._ACTION_MAP
    actions["CreateVolume"] = _create_volume(actions["CreateVolume"])
    actions["CreateSnapshot"] = _create_snapshot(actions["CreateSnapshot"])
