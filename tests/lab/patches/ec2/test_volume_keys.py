# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


def aws_behaviour(clients) -> bool:
    """A volume, its snapshot and a volume of that name the same key; a plain volume names none."""
    ec2, zone = clients("ec2"), "me-west-1a"
    key = clients("kms").create_key()["KeyMetadata"]
    volume = ec2.create_volume(AvailabilityZone=zone, Size=1, Encrypted=True, KmsKeyId=key["KeyId"])["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    again = ec2.create_volume(AvailabilityZone=zone, SnapshotId=snapshot)["VolumeId"]
    plain = ec2.create_volume(AvailabilityZone=zone, Size=1)["VolumeId"]
    encrypted = [{"Name": "encrypted", "Values": ["true"]}]
    volumes = ec2.describe_volumes(VolumeIds=[volume, again, plain], Filters=encrypted)["Volumes"]
    snapshots = ec2.describe_snapshots(SnapshotIds=[snapshot], OwnerIds=["self"], Filters=encrypted)["Snapshots"]
    found = [item.get("KmsKeyId") for item in (*volumes, *snapshots)]
    return found == [key["Arn"]] * 3


def test_ec2_volume_keys(patched_only):
    patched_only("ec2.volume_keys", aws_behaviour)
