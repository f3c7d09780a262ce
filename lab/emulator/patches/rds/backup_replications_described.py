# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A DB instance says to where its automated backups are replicated.

AWS names the copies in DBInstanceAutomatedBackupsReplications. The emulator knows no replication, and so no such field.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
"""

from __future__ import annotations

import ministack.services.rds as rds

from lab.emulator.state import databases


def _fragment(instance: dict) -> str:
    account, name = rds.get_account_id(), "DBInstanceAutomatedBackupsReplication"
    arns = [
        f"arn:aws:rds:{region}:{account}:auto-backup:ab-{copy['word']}"
        for region, copy in instance.get("_backup_copies", {}).items()
        if copy["status"] == "replicating"
    ]
    items = "".join(
        f"<{name}><DBInstanceAutomatedBackupsArn>{arn}</DBInstanceAutomatedBackupsArn></{name}>" for arn in arns
    )
    return f"<{name}s>{items}</{name}s>" if items else ""


def apply() -> None:
    databases.show(_fragment)
