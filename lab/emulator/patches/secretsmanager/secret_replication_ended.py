# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The replication of a secret can be ended: by the primary, which removes the replica, and by the replica, which becomes a secret.

AWS deletes no secret that has replicas. The emulator knows neither RemoveRegionsFromReplication nor StopReplicationToReplica, and
deletes the replicas along.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/standalone-secret.html
"""

from __future__ import annotations

import json

import ministack.services.secretsmanager as secretsmanager
from ministack.core.responses import error_response_json, json_response


def _found(data: dict) -> tuple[dict | None, tuple | None]:
    _key, secret = secretsmanager._resolve(data.get("SecretId"))
    if secret:
        return secret, None
    return None, error_response_json(
        "ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400
    )


def _remove_regions(data):
    secret, problem = _found(data)
    if problem:
        return problem
    gone = set(data.get("RemoveReplicaRegions", []))
    held = secret.get("ReplicationStatus", [])
    removed = [status for status in held if status["Region"] in gone]
    secretsmanager._delete_replicas(dict(secret) | {"ReplicationStatus": removed})
    secret["ReplicationStatus"] = [status for status in held if status["Region"] not in gone]
    return json_response({"ARN": secret["ARN"], "ReplicationStatus": secret["ReplicationStatus"]})


def _stop_replication(data):
    secret, problem = _found(data)
    if problem:
        return problem
    if not secretsmanager._is_replica(secret):
        return error_response_json("InvalidRequestException", "The secret is not a replica.", 400)
    secretsmanager._unlink_from_primary(secret)
    for name in ("_PrimarySecretArn", "_PrimaryRegion"):
        secret.pop(name, None)
    return json_response({"ARN": secret["ARN"]})


_ACTIONS = {"RemoveRegionsFromReplication": _remove_regions, "StopReplicationToReplica": _stop_replication}


def apply() -> None:
    handle, delete = secretsmanager.handle_request, secretsmanager._delete_secret

    async def handle_request(method, path, headers, body, query_params):
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if action in _ACTIONS:
            return _ACTIONS[action](json.loads(body or b"{}"))
        return await handle(method, path, headers, body, query_params)

    def delete_secret(data):
        secret, _problem = _found(data)
        if secret and secret.get("ReplicationStatus"):
            message = "You can't delete the primary secret while it has replicas: remove them first."
            return error_response_json("InvalidRequestException", message, 400)
        return delete(data)

    secretsmanager.handle_request, secretsmanager._delete_secret = handle_request, delete_secret
