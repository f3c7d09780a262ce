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
    parser.add_argument("--caller", default=ADMINISTRATOR, help="the IAM user who ran the playbooks there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = options.record or Path(folder) / "rights.jsonl"
        if not options.record:
            scenario.record(file)
        recorded = record.read(file, options.caller)
    policy = documents.assemble(recorded, rules.scopes(), rules.completions())
    OUTPUT.write_text(json.dumps(policy, indent=2) + "\n")
    for entry in policy["policies"]:
        print(f"{entry['name']}: {documents.size(entry['document'])} of {documents.LIMIT} characters at most")
    for action, note in policy["notes"].items():
        print(f"note: {action}: {note}")


if __name__ == "__main__":
    main()
