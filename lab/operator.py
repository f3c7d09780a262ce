# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create the lab's IAM users: the operator, under whose keys playbooks run, and an administrator, who does all the rest."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from lab.inventory import CHECKOUT, platform

# The collection's own code, as the checkout holds it: here it can't be imported by the collection's name.
from plugins.plugin_utils.operator_policy.render import rendered, rendered_boundary

OPERATOR = "platform-operator"
ADMINISTRATOR = "platform-administrator"

_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def policies(folder: Path | None = None) -> list[dict[str, Any]]:
    """Fill the operator's policies of docs/operator-policy.json in for the platform that an inventory describes."""
    return rendered(_document(), _values(folder))


def boundary(folder: Path | None = None) -> dict[str, Any]:
    """Fill the permissions boundary of the platform's roles in; an administrator makes it, the operator may not."""
    return rendered_boundary(_document(), _values(folder))


def _document() -> dict[str, Any]:
    return json.loads((CHECKOUT / "docs" / "operator-policy.json").read_text())


def _values(folder: Path | None) -> dict[str, Any]:
    settings = platform(folder)
    return {
        "account_id": settings["platform_account_id"],
        "platform_name": settings["platform_name"],
        "environment": settings["platform_environment"],
        "domain": settings["platform_domain"],
        "regions": list(settings["platform_regions"]),
    }


def root(endpoint: str, certificate_authority: Path, account_id: str, region: str) -> Any:
    """Return an IAM client of the account's root user, whom the emulator knows by the account's number."""
    # A third of a second to import, in which `lab up` lets the emulator start.
    import boto3
    from botocore.config import Config

    return boto3.client(
        "iam",
        endpoint_url=endpoint,
        region_name=region,
        verify=str(certificate_authority),
        aws_access_key_id=account_id,
        aws_secret_access_key="unused-by-the-emulator",
        config=Config(retries={"max_attempts": 1}),
    )


def ensure_operator(iam: Any, account_id: str, file: Path) -> None:
    """Create or update the user who holds the operator policies and no other right, and the boundary of the platform's roles."""
    wanted = {_arn(account_id, entry): entry for entry in policies()}
    _ensure_user(iam, OPERATOR)
    _ensure_policy(iam, _arn(account_id, boundary()), boundary())
    for arn, entry in wanted.items():
        _ensure_policy(iam, arn, entry)
        iam.attach_user_policy(UserName=OPERATOR, PolicyArn=arn)
    for attached in iam.list_attached_user_policies(UserName=OPERATOR)["AttachedPolicies"]:
        if attached["PolicyArn"] not in wanted:
            iam.detach_user_policy(UserName=OPERATOR, PolicyArn=attached["PolicyArn"])
    _ensure_key(iam, OPERATOR, file)


def ensure_administrator(iam: Any, file: Path) -> None:
    """Create or update a user who may do everything that resource policies allow; they do not bind root."""
    _ensure_user(iam, ADMINISTRATOR)
    iam.put_user_policy(UserName=ADMINISTRATOR, PolicyName="everything", PolicyDocument=json.dumps(_EVERYTHING))
    _ensure_key(iam, ADMINISTRATOR, file)


def _arn(account_id: str, entry: dict[str, Any]) -> str:
    return f"arn:aws:iam::{account_id}:policy{entry['path']}{entry['name']}"


def _ensure_user(iam: Any, name: str) -> None:
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName=name)


def _ensure_policy(iam: Any, arn: str, entry: dict[str, Any]) -> None:
    document = json.dumps(entry["document"])
    try:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    except iam.exceptions.NoSuchEntityException:
        iam.create_policy(PolicyName=entry["name"], Path=entry["path"], PolicyDocument=document)
        return
    if iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"] != entry["document"]:
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
        iam.delete_policy_version(PolicyArn=arn, VersionId=version)


def _ensure_key(iam: Any, user: str, file: Path) -> None:
    """Create an access key unless `file` holds one that is valid; IAM shows a secret only once, so it is kept there (mode 0600)."""
    kept = json.loads(file.read_text()) if file.exists() else None
    keys = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    if kept and any(key["AccessKeyId"] == kept["access_key_id"] for key in keys):
        return
    for key in keys:
        iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    created = iam.create_access_key(UserName=user)["AccessKey"]
    file.touch(mode=0o600)
    file.write_text(json.dumps({"access_key_id": created["AccessKeyId"], "secret": created["SecretAccessKey"]}))
