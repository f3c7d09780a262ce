#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make a list of API calls with plain boto3: sets up what a test needs, and reads it back without the module under test."""

from __future__ import annotations

import datetime
import json

import boto3
from ansible.module_utils.basic import AnsibleModule
from botocore.exceptions import ClientError


def _plain(value):
    """A value as JSON has it: times and bytes as text."""
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _call(call: dict, endpoints: dict[str, str]) -> dict:
    client = boto3.client(call["service"], region_name=call["region"], endpoint_url=endpoints.get(call["region"]))
    try:
        answer = getattr(client, call["operation"])(**(call["parameters"] or {}))
    except ClientError as error:
        if error.response["Error"]["Code"] in (call["accept"] or []):
            return {"error": error.response["Error"]["Code"]}
        raise
    answer.pop("ResponseMetadata", None)
    if hasattr(answer.get("Body"), "read"):
        answer["Body"] = answer["Body"].read()
    return json.loads(json.dumps(answer, default=_plain))


def main() -> None:
    call = {
        "service": {"type": "str", "required": True},
        "region": {"type": "str", "required": True},
        "operation": {"type": "str", "required": True},
        "parameters": {"type": "dict"},
        "accept": {"type": "list", "elements": "str"},
    }
    module = AnsibleModule(
        {
            "calls": {"type": "list", "elements": "dict", "options": call, "required": True},
            "endpoints": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    answers = []
    for item in module.params["calls"]:
        try:
            answers.append(_call(item, module.params["endpoints"]))
        except Exception as error:
            module.fail_json(msg=f"{item['operation']} in {item['region']}: {error}", answers=answers)
    module.exit_json(changed=False, answers=answers)


if __name__ == "__main__":
    main()
