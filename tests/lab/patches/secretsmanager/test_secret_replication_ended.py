# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code


def aws_behaviour(clients) -> bool:
    """A replica is removed by its primary or cut loose by its own region, and a primary isn't deleted before."""
    here, there = clients("secretsmanager"), clients("secretsmanager", "eu-central-1")
    regions = [{"Region": "eu-central-1"}]
    for name in ("removed", "loose"):
        here.create_secret(Name=name, SecretString="one")
        here.replicate_secret_to_regions(SecretId=name, AddReplicaRegions=regions)
    if error_code(here.delete_secret, SecretId="removed", RecoveryWindowInDays=7) != "InvalidRequestException":
        return False
    here.remove_regions_from_replication(SecretId="removed", RemoveReplicaRegions=["eu-central-1"])
    gone = error_code(there.describe_secret, SecretId="removed") == "ResourceNotFoundException"
    read_only = error_code(there.put_secret_value, SecretId="loose", SecretString="two") == "InvalidRequestException"
    there.stop_replication_to_replica(SecretId="loose")
    there.put_secret_value(SecretId="loose", SecretString="two")
    apart = [client.get_secret_value(SecretId="loose")["SecretString"] for client in (here, there)] == ["one", "two"]
    return gone and read_only and apart and not here.describe_secret(SecretId="loose").get("ReplicationStatus")


def test_secret_replication_ended(patched_only):
    patched_only("secretsmanager.secret_replication_ended", aws_behaviour)
