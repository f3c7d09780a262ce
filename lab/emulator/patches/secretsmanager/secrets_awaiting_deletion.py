# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The name of a secret that waits for its deletion is refused as such, and not as that of a secret that is there.

AWS answers CreateSecret with InvalidRequestException then: whoever wants the secret takes it back. The emulator answers
ResourceExistsException, as for one that nobody deleted.
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
"""

from __future__ import annotations

import ministack.services.secretsmanager as secretsmanager
from ministack.core.responses import error_response_json


def apply() -> None:
    create = secretsmanager._create_secret

    def create_secret(data):
        held = secretsmanager._secrets.get(data.get("Name", ""))
        if held and held.get("DeletedDate"):
            message = "You can't create this secret because a secret with this name is already scheduled for deletion."
            return error_response_json("InvalidRequestException", message, 400)
        return create(data)

    secretsmanager._create_secret = create_secret
