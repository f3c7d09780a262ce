# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Render the permissions boundary of the platform's roles with placeholders, by the code and from the files of role security."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import yaml

from lab.settings import CHECKOUT

# Where only administrators write: AWS checks the path as a part of the ARN.
PATH = "/platform-operators/"

_FILES = CHECKOUT / "roles" / "security" / "files"
_COLLECTIONS = str(CHECKOUT / ".build" / "collections")
_SECURITY = "ansible_collections.knowledgecity.platform.plugins.plugin_utils.security"
_PLATFORM = {
    "prefix": "${platform_name}-${environment}",
    "account_id": "${account_id}",
    "regions": ["${regions}"],
    "tags": {},
}


def document() -> dict[str, Any]:
    """Return the boundary's name, path and document, as they are without tiers that others add."""
    if _COLLECTIONS not in sys.path:
        sys.path.append(_COLLECTIONS)
    roles = importlib.import_module(f"{_SECURITY}.roles")
    boundary = importlib.import_module(f"{_SECURITY}.boundary").boundary
    tiers = yaml.safe_load((_FILES / "tiers.yml").read_text())
    refused = yaml.safe_load((_FILES / "boundary.yml").read_text())["refused"]
    return {
        "name": roles.boundary_name(_PLATFORM),
        "path": roles.BOUNDARY_PATH,
        "document": boundary(tiers, refused, _PLATFORM),
    }
