# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tell the RDS reconciler which copies of automated backups other regions keep, and take in how far they reach."""

from __future__ import annotations


def copies(instance: dict) -> list[dict]:
    """Return the copies of an instance's backups, named by the last word of their ARN."""
    return [
        {
            "name": f"ab-{copy['word']}",
            "identifier": instance["DBInstanceIdentifier"],
            "region": region,
            "source": instance["DbiResourceId"],
            "live": copy["status"] == "replicating",
        }
        for region, copy in instance.get("_backup_copies", {}).items()
    ]


def report(instance: dict | None, question: dict) -> bool:
    """Take in until when the copy that a region keeps of an instance's backups is complete."""
    copy = instance.get("_backup_copies", {}).get(question["copy"]) if instance else None
    if copy is not None:
        copy["until"] = question["until"]
        copy.setdefault("since", question["until"])
    return copy is not None
