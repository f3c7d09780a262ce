# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Report a backup that can't be relied on."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

_SHOWN = 5
# The engine's error codes that are about the backup's own bytes: what it reads isn't what was written. Every other one, a full
# disk or a
# missing right, says nothing of the backup.
_OF_BYTES = {
    27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
    32,  # ATTEMPT_TO_READ_AFTER_EOF
    33,  # CANNOT_READ_ALL_DATA
    40,  # CHECKSUM_DOESNT_MATCH
    117,  # INCORRECT_DATA
    226,  # NO_FILE_IN_DATA_PART
    227,  # UNEXPECTED_FILE_IN_DATA_PART
    228,  # BAD_SIZE_OF_FILE_IN_DATA_PART
    246,  # CORRUPTED_DATA
    271,  # CANNOT_DECOMPRESS
    601,  # BACKUP_DAMAGED
    602,  # NO_BASE_BACKUP
    603,  # WRONG_BASE_BACKUP
    605,  # BACKUP_ENTRY_NOT_FOUND
}


def blames_the_backup(code: int) -> bool:
    """Return whether an error code of the engine says that the backup itself is damaged."""
    return code in _OF_BYTES


class UnsoundError(PlatformError):
    """A backup with faults. `faults` holds all of them, the message has the first ones."""

    def __init__(self, name: str, method: str, faults: t.Sequence[str]):
        more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        super().__init__(
            f"The backup {name} is not sound ({len(faults)} fault(s) found by {method}): {'; '.join(faults[:_SHOWN])}{more}. "
            "Fix: make a new full backup, or restore from an older one."
        )
        self.faults = list(faults)


class UnverifiedError(PlatformError):
    """A backup that could not be verified, which says nothing about it: what is known of it stays."""

    def __init__(self, name: str, method: str, reason: str):
        super().__init__(
            f"The backup {name} could not be verified by {method}: {reason} It may be sound; what was verified earlier still "
            "counts."
        )
