# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Which names tenants, assets and files may have. Names become parts of object names, so nothing else gets through."""

from __future__ import annotations

import re

from media_server.errors import BadInputError

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ROTATION = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_FILE = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}/){0,4}[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")


def check_id(kind: str, value: object) -> str:
    """`value` as the id of a tenant or an asset. Raises BadInputError for anything else than [a-z0-9][a-z0-9-]{0,62}."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise BadInputError(
            "bad-name", f"The {kind} must be 1 to 63 lower-case letters, digits and dashes, and not begin with a dash."
        )
    return value


def check_rotation(value: object) -> str:
    """`value` as the id of a rotation, up to 80 characters. Raises BadInputError."""
    if not isinstance(value, str) or not _ROTATION.fullmatch(value):
        raise BadInputError(
            "bad-name", "rotation_id must be 1 to 80 lower-case letters, digits and dashes, and not begin with a dash."
        )
    return value


def check_file(value: object) -> str:
    """`value` as the name of a file within a version, folders included. Raises BadInputError."""
    if not isinstance(value, str) or not _FILE.fullmatch(value):
        raise BadInputError("bad-name", "A file's name has letters, digits, dots, dashes and underscores, in folders.")
    return value
