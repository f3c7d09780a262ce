# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read the user name and the password of a MySQL user from a secret of Secrets Manager; the client is passed in."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing


def read_login(client: t.Any, name: str) -> tuple[str, str]:
    """Return the user name and the password that the secret holds."""
    with doing(f"read the secret {name}"):
        text = client.get_secret_value(SecretId=name)["SecretString"]
    try:
        content = json.loads(text)
        return content["username"], content["password"]
    except (ValueError, KeyError, TypeError):
        raise PlatformError(f"The secret {name} holds no JSON object with username and password.") from None
