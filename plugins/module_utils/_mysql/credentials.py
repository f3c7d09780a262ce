# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read the user name and the password of a MySQL user from a secret of Secrets Manager; the client is passed in."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing


def read_login(client: t.Any, name: str) -> tuple[str, str]:
    """Return the user name and the password that the secret holds."""
    return read_versioned_login(client, name)[1:]


def read_versioned_login(client: t.Any, name: str, place: str = "") -> tuple[str, str, str]:
    """Return the version of the secret, and the user name and the password that it holds. Errors name a ``place``, too."""
    with doing(f"read the secret {name}{place and f' in {place}'}"):
        found = client.get_secret_value(SecretId=name)
    try:
        content = json.loads(found["SecretString"])
        return found["VersionId"], content["username"], content["password"]
    except (ValueError, KeyError, TypeError):
        raise PlatformError(f"The secret {name} holds no JSON object with username and password.") from None
