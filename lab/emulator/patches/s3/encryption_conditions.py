# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A bucket policy can refuse puts under another KMS key, or under a key of the customer's.

On AWS s3:x-amz-server-side-encryption-aws-kms-key-id and s3:x-amz-server-side-encryption-customer-algorithm are condition
keys of a put that has these headers. The emulator evaluates neither, so that statements on them are without effect.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from __future__ import annotations

import ministack.services.s3 as s3
from ministack.core import iam_actions

_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
_CUSTOMER = "x-amz-server-side-encryption-customer-algorithm"


def apply() -> None:
    context_of = iam_actions._s3_object_context

    def with_keys(iam_action, query_params, path, headers):
        context = context_of(iam_action, query_params, path, headers)
        if iam_action != "s3:PutObject":
            return context
        upload = s3._multipart_uploads.get(iam_actions._query_param(query_params, "uploadId") or "")
        if upload and upload.get("requested_sse"):  # a part is judged by what began its upload
            headers = upload["preserved_headers"]
        return context | {f"s3:{name}": headers[name] for name in (_KEY, _CUSTOMER) if headers.get(name)}

    iam_actions._s3_object_context = with_keys
