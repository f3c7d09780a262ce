# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Service Quotas tells how much of a resource an account may have in a region.

The emulator lacks the service. Here it knows the two quotas that preflight compares, with the values of an account whose quotas
were raised: AWS begins with five of each. Nothing else in the lab keeps to them.
https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
"""

from __future__ import annotations

import json

import ministack.app as app
from ministack.core import iam_actions, router
from ministack.core.responses import error_response_json

_NAME = "servicequotas"
_VALUES = {
    ("vpc", "L-F678F1CE"): ("VPCs per Region", 50.0),
    ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", 50.0),
}


async def handle_request(_method, _path, headers, body, _query_params):
    asked = json.loads(body or b"{}")
    code = asked.get("ServiceCode"), asked.get("QuotaCode")
    if not headers.get("x-amz-target", "").endswith(".GetServiceQuota") or code not in _VALUES:
        return error_response_json("NoSuchResourceException", f"The lab knows no quota {code}", 400)
    name, value = _VALUES[code]
    quota = {"ServiceCode": code[0], "QuotaCode": code[1], "QuotaName": name, "Value": value, "Adjustable": True}
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps({"Quota": quota}).encode()


def apply() -> None:
    router.SERVICE_PATTERNS[_NAME] = {
        "target_prefixes": ["ServiceQuotasV20190624"],
        "credential_scope": _NAME,
    }
    iam_actions.SERVICE_TO_IAM_NAMESPACE[_NAME] = _NAME
    app.SERVICE_HANDLERS[_NAME] = handle_request
