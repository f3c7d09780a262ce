# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from botocore.exceptions import ClientError


def _forget(ec2) -> None:
    """Back to the defaults of a new account, whatever ran in the lab before."""
    ec2.disable_ebs_encryption_by_default()
    ec2.reset_ebs_default_kms_key_id()
    ec2.modify_instance_metadata_defaults(HttpTokens="no-preference", HttpPutResponseHopLimit=-1)


def aws_behaviour(clients) -> bool:
    """An account's defaults are kept region by region; only a usable key can be one of them."""
    ec2, elsewhere, kms = clients("ec2"), clients("ec2", "eu-central-1"), clients("kms")
    key = kms.create_key()["KeyMetadata"]
    try:
        _forget(ec2)
        _forget(elsewhere)
        before = ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
        aws_key = ec2.get_ebs_default_kms_key_id()["KmsKeyId"]
        unset = ec2.get_instance_metadata_defaults().get("AccountLevel", {})
        ec2.enable_ebs_encryption_by_default()
        ec2.modify_ebs_default_kms_key_id(KmsKeyId=key["KeyId"])
        ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)
    except ClientError:
        return False
    if (before, aws_key, unset) != (False, "alias/aws/ebs", {}):
        return False
    kept = (
        ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"],
        ec2.get_ebs_default_kms_key_id()["KmsKeyId"],
        ec2.get_instance_metadata_defaults()["AccountLevel"],
    )
    other = elsewhere.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
    kms.schedule_key_deletion(KeyId=key["KeyId"])
    try:
        ec2.modify_ebs_default_kms_key_id(KmsKeyId=key["KeyId"])
        return False
    except ClientError as error:
        refused = error.response["Error"]["Code"]
    _forget(ec2)
    return (
        kept == (True, key["Arn"], {"HttpTokens": "required", "HttpPutResponseHopLimit": 2})
        and other is False
        and refused == "InvalidKmsKey.NotFound"
        and ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"
        and ec2.get_instance_metadata_defaults().get("AccountLevel", {}) == {}
    )


def test_ec2_account_defaults(patched_only):
    patched_only("ec2.account_defaults", aws_behaviour)
