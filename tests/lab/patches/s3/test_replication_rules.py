# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from botocore.exceptions import ClientError

from tests.support.replication import make_pair


def _refusal(pair, rules: list[dict]) -> str | None:
    try:
        pair.s3.put_bucket_replication(
            Bucket=pair.source, ReplicationConfiguration={"Role": pair.role_arn, "Rules": rules}
        )
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def aws_behaviour(clients) -> bool:
    """A destination that isn't there, a priority twice and rules of both schemas are refused, sound rules aren't."""
    pair = make_pair(clients)

    def rule(prefix: str, priority: int, destination: str = pair.destination) -> dict:
        base = {"ID": prefix, "Status": "Enabled", "DeleteMarkerReplication": {"Status": "Disabled"}}
        target = {"Bucket": f"arn:aws:s3:::{destination}"}
        return base | {"Priority": priority, "Filter": {"Prefix": prefix}, "Destination": target}

    older = {"ID": "old", "Status": "Enabled", "Prefix": "old/"}
    older["Destination"] = {"Bucket": f"arn:aws:s3:::{pair.destination}"}
    return (
        _refusal(pair, [older]) is None
        and _refusal(pair, [older, rule("a/", 1)]) == "InvalidRequest"
        and _refusal(pair, [rule("a/", 1), rule("b/", 2)]) is None
        and _refusal(pair, [rule("a/", 1, "nobody-has-this-bucket")]) == "InvalidRequest"
        and _refusal(pair, [rule("a/", 1), rule("b/", 1)]) == "InvalidArgument"
    )


def test_s3_replication_rules(patched_only):
    patched_only("s3.replication_rules", aws_behaviour)
