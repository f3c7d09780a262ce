# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A replica key that waits for its deletion still belongs to its multi-Region key.

On AWS it does until it is deleted, not just scheduled: ReplicateKey into its region answers AlreadyExistsException, and
a primary that is scheduled for deletion stays PendingReplicaDeletion. The emulator takes the replica out at once.
https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
"""

from __future__ import annotations

import ministack.services.kms as kms


def apply() -> None:
    schedule = kms._schedule_key_deletion

    def schedule_deletion(data):
        key = kms._resolve_key(data.get("KeyId", ""))
        if not key or key.get("_mrk_type") != "REPLICA":
            return schedule(data)
        key["_mrk_type"] = "REPLICA that stays"  # the emulator's name for it would take it out
        try:
            return schedule(data)
        finally:
            key["_mrk_type"] = "REPLICA"

    kms._schedule_key_deletion = schedule_deletion
