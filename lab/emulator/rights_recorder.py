# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Record which IAM actions the emulator checked, and for whom: one JSON object a line, each once.

What a run needs is what was checked while it ran, so docs/operator-policy.json is made from this record
(tools/operator_policy), and compared with it by a test. A call of a service whose rights the emulator doesn't know is written
down too (`unchecked`), so that it can't be forgotten.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id

from lab.emulator import region_guard

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/")


class RightsRecorder:
    """Appends to a file what is checked; what the same caller asked for before is left out."""

    def __init__(self, file: Path):
        self._file = file.open("a", buffering=1)
        self._seen: set[str] = set()

    def listen(self) -> None:
        """Record every check; patches that are applied later ask through this."""
        enforce = iam_evaluator.enforce

        def recorded(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
            refusal = enforce(access_key_id, iam_action, service, region, resource_arn, service_context)
            if not isinstance(refusal, iam_evaluator.AuthError):
                self._write(access_key_id, region, action=iam_action, allowed=refusal is None)
            return refusal

        iam_evaluator.enforce = recorded

    def around(self, application, region: str):
        """Return an ASGI application that also records what passes through `application` unchecked."""

        async def recorded(scope, receive, send):
            signed = region_guard.signed_scope(scope) if scope["type"] == "http" else None
            if signed and signed.service not in iam_actions.SERVICE_TO_IAM_NAMESPACE:
                headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
                operation = headers.get("x-amz-target", "").rpartition(".")[2] or f"{scope['method']} {scope['path']}"
                key = _CREDENTIAL.search(headers.get("authorization", ""))
                self._write(key[1] if key else "", region, unchecked=f"{signed.service}:{operation}")
            await application(scope, receive, send)

        return recorded

    def _write(self, access_key_id: str, region: str, **check) -> None:
        principal = iam_evaluator.resolve_principal(access_key_id or "", get_account_id())
        caller = "" if isinstance(principal, iam_evaluator.AuthError) else principal.arn
        line = json.dumps({"caller": caller, "region": region} | check)
        if line not in self._seen:
            self._seen.add(line)
            self._file.write(line + "\n")
