# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find what a region holds under KMS keys: what nobody could read any more once a key is deleted."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing, error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

VOLUME, SECRET = "volume", "secret"
# What AWS still lists a while after it went: volumes go after their instances, and ListSecrets lags.
LAGGING = (VOLUME, SECRET)
_GOING = ("deleting", "deleted")
_SERVICES = ("ec2", "kms", "logs", "rds", "s3", "secretsmanager")
_NO_ENCRYPTION = "ServerSideEncryptionConfigurationNotFoundError"
# A bucket of another region, or one that went while it was asked.
_NOT_HERE = ("NoSuchBucket", "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException")


@dataclasses.dataclass(frozen=True)
class Use:
    """Something that is under a key: its `kind` in plain words, and its name."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


Found = t.Iterator[tuple[str, Use]]


def told(uses: t.Sequence[Use], most: int = 3) -> str:
    """Return the uses as text, kind by kind, the first few of each by name."""
    kinds: dict[str, list[str]] = {}
    for use in uses:
        kinds.setdefault(use.kind, []).append(use.name)
    return "; ".join(
        f"{kind} {', '.join(names[:most])}{f' and {len(names) - most} more' if len(names) > most else ''}"
        for kind, names in sorted(kinds.items())
    )


class KeyUses:
    """Find what is under keys of one region. `client_for(service)` gives a client of that region."""

    def __init__(self, client_for: t.Callable[[str], t.Any], region: str):
        self._client_for = client_for
        self._region = region

    def read(self, arns: t.Sequence[str]) -> dict[str, tuple[Use, ...]]:
        """Return what is under each of the keys, by the key's ARN."""
        if not arns:
            return {}
        # Clients are made one after the other: a session isn't made for threads.
        for service in _SERVICES:
            self._client_for(service)
        aliases = self._aliases(arns)
        found: dict[str, set[Use]] = collections.defaultdict(set)
        listings: list[t.Callable[[], Found]] = [
            self._volumes,
            self._volume_snapshots,
            self._databases,
            self._database_snapshots,
            self._database_backups,
            self._secrets,
            self._log_groups,
            self._buckets,
        ]
        for listed in in_parallel(lambda listing: list(listing()), listings):
            for reference, use in listed:
                if reference:
                    found[aliases.get(reference, reference)].add(use)
        for arn, uses in zip(arns, in_parallel(self._grants, arns), strict=True):
            found[arn].update(uses)
        return {arn: tuple(sorted(found[arn], key=str)) for arn in arns}

    def _aliases(self, arns: t.Sequence[str]) -> dict[str, str]:
        """Return the names that the keys may be referred to by other than their ARNs: IDs, aliases and the aliases' ARNs."""
        keys = {arn.rpartition("/")[2]: arn for arn in arns}
        names = dict(keys)
        for alias in self._pages("kms", "list_aliases", "Aliases"):
            if arn := keys.get(alias.get("TargetKeyId", "")):
                names |= {alias["AliasName"]: arn, alias["AliasArn"]: arn}
        return names

    def _pages(self, service: str, operation: str, key: str, **arguments: t.Any) -> t.Iterator[dict[str, t.Any]]:
        with doing(f"list what is under the keys in {self._region} ({operation})"):
            for page in self._client_for(service).get_paginator(operation).paginate(**arguments):
                yield from page.get(key, [])

    def _volumes(self) -> Found:
        encrypted = [{"Name": "encrypted", "Values": ["true"]}]
        for volume in self._pages("ec2", "describe_volumes", "Volumes", Filters=encrypted):
            if volume["State"] not in _GOING:
                yield volume.get("KmsKeyId", ""), Use(VOLUME, volume["VolumeId"])

    def _volume_snapshots(self) -> Found:
        encrypted = [{"Name": "encrypted", "Values": ["true"]}]
        for snapshot in self._pages("ec2", "describe_snapshots", "Snapshots", OwnerIds=["self"], Filters=encrypted):
            yield snapshot.get("KmsKeyId", ""), Use("snapshot of a volume", snapshot["SnapshotId"])

    def _databases(self) -> Found:
        for instance in self._pages("rds", "describe_db_instances", "DBInstances"):
            if instance.get("DBInstanceStatus") not in _GOING:
                yield instance.get("KmsKeyId", ""), Use("database", instance["DBInstanceIdentifier"])

    def _database_snapshots(self) -> Found:
        # Without a kind RDS leaves out those of AWS Backup.
        for kind in ("manual", "automated", "awsbackup"):
            for snapshot in self._pages("rds", "describe_db_snapshots", "DBSnapshots", SnapshotType=kind):
                yield snapshot.get("KmsKeyId", ""), Use("snapshot of a database", snapshot["DBSnapshotIdentifier"])

    def _database_backups(self) -> Found:
        backups = self._pages("rds", "describe_db_instance_automated_backups", "DBInstanceAutomatedBackups")
        for backup in backups:
            yield (
                backup.get("KmsKeyId", ""),
                Use("automated backups of the database", backup["DBInstanceIdentifier"]),
            )

    def _secrets(self) -> Found:
        # Those that wait for their deletion are not listed.
        for secret in self._pages("secretsmanager", "list_secrets", "SecretList"):
            yield secret.get("KmsKeyId", ""), Use(SECRET, secret["Name"])

    def _log_groups(self) -> Found:
        for group in self._pages("logs", "describe_log_groups", "logGroups"):
            yield group.get("kmsKeyId", ""), Use("log group", group["logGroupName"])

    def _buckets(self) -> Found:
        with doing(f"list the buckets ({self._region})"):
            names = [bucket["Name"] for bucket in self._client_for("s3").list_buckets()["Buckets"]]
        for name, reference in zip(names, in_parallel(self._bucket_key, names), strict=True):
            yield reference, Use("bucket", name)

    def _bucket_key(self, name: str) -> str:
        with doing(f"read the encryption of the bucket {name}"):
            try:
                answer = self._client_for("s3").get_bucket_encryption(Bucket=name)
            except ClientError as error:
                if error_code(error) in (_NO_ENCRYPTION, *_NOT_HERE):
                    return ""
                # A bucket that the operator may not look into is none of the platform's.
                if error_code(error) in ("AccessDenied", "403"):
                    return ""
                raise
        rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
        return (rules[0].get("ApplyServerSideEncryptionByDefault") or {}).get("KMSMasterKeyID", "") if rules else ""

    def _grants(self, arn: str) -> set[Use]:
        account, found = arn.split(":")[4], set()
        for grant in self._pages("kms", "list_grants", "Grants", KeyId=arn):
            grantee = grant.get("GranteePrincipal", "")
            owner = grantee.split(":")[4] if grantee.startswith("arn:") else account
            if owner not in ("", account):
                found.add(Use("grant to another account,", grantee))
        return found
