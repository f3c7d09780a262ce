# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Validate the names of tenants, assets and files, which become parts of object names."""

from __future__ import annotations

import re

from media_server.errors import BadInputError

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ROTATION = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_FILE = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}/){0,4}[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")


def check_id(kind: str, value: object) -> str:
    """Return `value` as the ID of a tenant or an asset. Raise BadInputError unless it matches [a-z0-9][a-z0-9-]{0,62}."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise BadInputError(
            "bad-name", f"The {kind} must be 1 to 63 lowercase letters, digits and dashes, and not begin with a dash."
        )
    return value


def check_rotation(value: object) -> str:
    """Return `value` as the ID of a rotation, of up to 80 characters. Raise BadInputError."""
    if not isinstance(value, str) or not _ROTATION.fullmatch(value):
        raise BadInputError(
            "bad-name", "rotation_id must be 1 to 80 lowercase letters, digits and dashes, and not begin with a dash."
        )
    return value


def check_file(value: object) -> str:
    """Return `value` as the name of a file in a version, including folders. Raise BadInputError."""
    if not isinstance(value, str) or not _FILE.fullmatch(value):
        raise BadInputError(
            "bad-name", "A file name must consist of letters, digits, dots, dashes and underscores, in folders."
        )
    return value
