# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""S3 keeps a public access block of the account, which holds beside each bucket's own.

Until it is set, AWS answers NoSuchPublicAccessBlockConfiguration. It is one for all regions. A policy that makes a bucket public is
refused where the account blocks it. The emulator takes the call's path for one that is not a URI.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html
"""

from __future__ import annotations

import copy
from xml.etree import ElementTree

import ministack.app as app
import ministack.services.s3 as s3
from ministack.core.responses import AccountScopedDict

_PATH = "/v20180820/configuration/publicAccessBlock"
_NAMES = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_ACTIONS = {
    "GET": "s3:GetAccountPublicAccessBlock",
    "PUT": "s3:PutAccountPublicAccessBlock",
    "DELETE": "s3:PutAccountPublicAccessBlock",
}

_blocks = AccountScopedDict()


def _answer(method: str, body: bytes):
    if method == "PUT":
        values = {element.tag.rpartition("}")[2]: element.text == "true" for element in ElementTree.fromstring(body)}
        _blocks["block"] = {name: values.get(name, False) for name in _NAMES}
        return 200, {}, b""
    if method == "DELETE":
        _blocks.pop("block", None)
        return 204, {}, b""
    if "block" not in _blocks:
        message = "The public access block configuration was not found"
        return s3.s3control_error("NoSuchPublicAccessBlockConfiguration", message, 404)
    root = ElementTree.Element("PublicAccessBlockConfiguration", xmlns=s3.S3CONTROL_NS)
    for name, value in _blocks["block"].items():
        ElementTree.SubElement(root, name).text = str(value).lower()
    return 200, {"Content-Type": "application/xml"}, ElementTree.tostring(root)


def apply() -> None:
    handle, save, load = app._handle_s3_control_request, s3.get_state, s3.load_persisted_state
    blocked = s3._public_access_blocked

    def blocked_by_account(account_id, bucket_name, setting, *more, **named):
        block = _blocks._data.get((account_id, "block")) or {}
        return block.get(setting, False) or blocked(account_id, bucket_name, setting, *more, **named)

    async def handle_request(path, method, body, query_params, request_id, headers=None):
        if path != _PATH or method not in _ACTIONS:
            return await handle(path, method, body, query_params, request_id, headers)
        denied = app._enforce_data_plane("s3", _ACTIONS[method], headers or {}, query_params, request_id)
        status, kept, content = denied or s3.s3control_account_error(headers or {}) or _answer(method, body)
        return status, {**kept, "x-amzn-requestid": request_id}, content

    def get_state():
        return save() | {"account_public_access_blocks": copy.deepcopy(_blocks)}

    def load_persisted_state(data):
        load(data)
        if data and "account_public_access_blocks" in data:
            _blocks._data.update(data["account_public_access_blocks"]._data)

    app._handle_s3_control_request = handle_request
    s3._public_access_blocked = blocked_by_account
    s3.get_state, s3.load_persisted_state = get_state, load_persisted_state
