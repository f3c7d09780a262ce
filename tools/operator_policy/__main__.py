# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""`python -m tools.operator_policy`: make docs/operator-policy.json from a run in a lab, or from the record of one."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from lab.operator import ADMINISTRATOR
from lab.settings import CHECKOUT
from tools.operator_policy import documents, record, rules, scenario

OUTPUT = CHECKOUT / "docs" / "operator-policy.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.operator_policy", description=__doc__)
    parser.add_argument("--record", type=Path, help="what a lab wrote with LAB_RECORD_RIGHTS; without it, a lab is run")
    parser.add_argument(
        "--from-file",
        action="store_true",
        help="take the actions of the file as it is: the data or role security changed",
    )
    parser.add_argument("--caller", default=ADMINISTRATOR, help="the IAM user who ran the playbooks there")
    options = parser.parse_args()
    completions = rules.completions()
    if options.from_file:
        sids = [entry["sid"] for entry in completions.statements]
        recorded = record.of_policy(json.loads(OUTPUT.read_text()), sids, completions.calls())
    else:
        recorded = _recorded(options.record, options.caller)
    policy = documents.assemble(recorded, rules.scopes(), completions)
    OUTPUT.write_text(json.dumps(policy, indent=2) + "\n")
    for entry in policy["policies"]:
        print(f"{entry['name']}: {documents.size(entry['document'])} of {documents.LIMIT} characters at most")
    for action, note in policy["notes"].items():
        print(f"note: {action}: {note}")


def _recorded(file: Path | None, caller: str) -> record.Recorded:
    """Read the record of a run; without one, run the scenario in a lab."""
    if file:
        return record.read(file, caller)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "rights.jsonl"
        scenario.record(made)
        return record.read(made, caller)


if __name__ == "__main__":
    main()
