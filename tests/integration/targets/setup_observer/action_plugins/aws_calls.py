# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make a list of API calls with plain boto3: sets up what a test needs, and reads it back without the module under test.

An action, as a module process a call takes most of a target's time.
"""

from __future__ import annotations

import datetime
import json

import boto3
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from botocore.exceptions import ClientError

_CALL = {
    "service": {"type": "str", "required": True},
    "region": {"type": "str", "required": True},
    "operation": {"type": "str", "required": True},
    "parameters": {"type": "dict"},
    "accept": {"type": "list", "elements": "str"},
    "leave_out": {"type": "list", "elements": "str"},
}
_SPEC = {
    "calls": {"type": "list", "elements": "dict", "options": _CALL, "required": True},
    "endpoints": {"type": "dict", "required": True},
}


def _plain(value):
    """A value as JSON has it: times and bytes as text."""
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _without(value, names: list[str]):
    """Leave out, on all levels, what moves by itself."""
    if isinstance(value, dict):
        return {name: _without(item, names) for name, item in value.items() if name not in names}
    return [_without(item, names) for item in value] if isinstance(value, list) else value


def _call(call: dict, endpoints: dict[str, str]) -> dict:
    client = boto3.client(call["service"], region_name=call["region"], endpoint_url=endpoints.get(call["region"]))
    # Plain values, not Ansible's own.
    parameters = json.loads(json.dumps(call["parameters"] or {}))
    try:
        answer = getattr(client, call["operation"])(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] in (call["accept"] or []):
            return {"error": error.response["Error"]["Code"]}
        raise
    answer.pop("ResponseMetadata", None)
    if hasattr(answer.get("Body"), "read"):
        answer["Body"] = answer["Body"].read()
    return _without(json.loads(json.dumps(answer, default=_plain)), call["leave_out"] or [])


class ActionModule(ActionBase):
    """Answers `answers`, one of each call; changes nothing that Ansible would have to report."""

    supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        _checked, arguments = self.validate_argument_spec(_SPEC)
        answers = []
        for call in arguments["calls"]:
            try:
                answers.append(_call(call, arguments["endpoints"]))
            except Exception as error:
                raise AnsibleActionFail(f"{call['operation']} in {call['region']}: {error}") from error
        return {"changed": False, "answers": answers}
