# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""EC2 keeps an account's defaults a region: EBS encryption, its key, and the instance metadata service.

On AWS they are off, alias/aws/ebs and unset until somebody sets them. A key must be usable. The emulator knows none of the calls.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableEbsEncryptionByDefault.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataDefaults.html
"""

from __future__ import annotations

import copy
from xml.sax.saxutils import escape

import ministack.services.ec2 as ec2
import ministack.services.kms as kms
from ministack.core.responses import AccountRegionScopedDict

_AWS_KEY = "alias/aws/ebs"
_NO_PREFERENCE = ("no-preference", "-1")
_METADATA = {
    "HttpTokens": "httpTokens",
    "HttpPutResponseHopLimit": "httpPutResponseHopLimit",
    "HttpEndpoint": "httpEndpoint",
    "InstanceMetadataTags": "instanceMetadataTags",
}

_defaults = AccountRegionScopedDict()


def _encryption(action: str, enabled: bool | None):
    def handle(_params):
        if enabled is not None:
            _defaults["ebs_encryption"] = enabled
        is_on = str(bool(_defaults.get("ebs_encryption"))).lower()
        return ec2._xml(200, f"{action}Response", f"<ebsEncryptionByDefault>{is_on}</ebsEncryptionByDefault>")

    return handle


def _key(action: str):
    answer = f"{action}Response"

    def handle(params):
        if action == "ResetEbsDefaultKmsKeyId":
            _defaults["ebs_key"] = _AWS_KEY
        elif action == "ModifyEbsDefaultKmsKeyId":
            key = kms._resolve_key(ec2._p(params, "KmsKeyId"))
            if not key or key["KeyState"] != "Enabled":
                return ec2._error(
                    "InvalidKmsKey.NotFound", "The specified KMS key does not exist or can't be used", 400
                )
            _defaults["ebs_key"] = key["Arn"]
        return ec2._xml(200, answer, f"<kmsKeyId>{escape(_defaults.get('ebs_key') or _AWS_KEY)}</kmsKeyId>")

    return handle


def _modify_metadata(params):
    given = {name: ec2._p(params, name) for name in _METADATA if ec2._p(params, name)}
    kept = {**(_defaults.get("metadata") or {}), **given}
    _defaults["metadata"] = {name: value for name, value in kept.items() if value not in _NO_PREFERENCE}
    return ec2._xml(200, "ModifyInstanceMetadataDefaultsResponse", "<return>true</return>")


def _get_metadata(_params):
    kept = _defaults.get("metadata") or {}
    items = "".join(f"<{_METADATA[name]}>{escape(value)}</{_METADATA[name]}>" for name, value in kept.items())
    return ec2._xml(200, "GetInstanceMetadataDefaultsResponse", f"<accountLevel>{items}</accountLevel>")


def apply() -> None:
    ec2._ACTION_MAP |= {
        "GetEbsEncryptionByDefault": _encryption("GetEbsEncryptionByDefault", None),
        "EnableEbsEncryptionByDefault": _encryption("EnableEbsEncryptionByDefault", True),
        "DisableEbsEncryptionByDefault": _encryption("DisableEbsEncryptionByDefault", False),
        "GetInstanceMetadataDefaults": _get_metadata,
        "ModifyInstanceMetadataDefaults": _modify_metadata,
    }
    for action in ("GetEbsDefaultKmsKeyId", "ModifyEbsDefaultKmsKeyId", "ResetEbsDefaultKmsKeyId"):
        ec2._ACTION_MAP[action] = _key(action)
    # What the emulator writes down when it stops, and reads when it starts.
    save, load = ec2.get_state, ec2.load_persisted_state

    def get_state():
        return save() | {"account_defaults": copy.deepcopy(_defaults)}

    def load_persisted_state(data):
        load(data)
        if data and "account_defaults" in data:
            _defaults._data.update(data["account_defaults"]._data)

    ec2.get_state, ec2.load_persisted_state = get_state, load_persisted_state
