# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make a rotation from the options of the module media_key_rotation, and the module's result from what was read."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.model import Current, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.rotation import Rotation
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.server import MediaServer
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.tokens import TokenSigner

Options = dict[str, t.Any]


def request(options: Options) -> dict[str, t.Any]:
    """Return what is sent to the server. What isn't set is left out, so that the server's defaults apply."""
    names = ("mode", "target_kms_key", "rotation_id", "concurrency", "kms_requests_per_s", "max_assets")
    asked = {name: options[name] for name in names if options[name] is not None}
    asked["scope"] = {name: value for name, value in options["scope"].items() if value}
    if options["retain_old"] is not None:
        asked["retain_old_s"] = options["retain_old"]
    return asked


def rotation_of(options: Options, clients: RegionalClients, say: t.Callable[[str], None]) -> Rotation:
    """Return the rotation that the options ask for."""
    sign = TokenSigner(clients.client("secretsmanager"), options["token_secret"])
    servers = {
        item["region"]: MediaServer(item["region"], item["url"], item["address"], options["tls_ca"], sign)
        for item in options["servers"]
    }
    wanted = Wanted(options["state"], options["verify"], list(servers), request(options))
    return Rotation(wanted, servers, timeout=options["wait_timeout"], say=say)


def result(current: Current) -> dict[str, t.Any]:
    """Return the result of the module."""
    names = ("rotation_id", "plan", "done", "skipped", "failed", "resume_marker", "verification", "active_region")
    return {name: current.reported[name] for name in names} | {"phases": dict(current.phases)}
