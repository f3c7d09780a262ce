# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""`python -m tests.bench [--repeats 5] [ROW FILE ...]`: run the rows, write bench.json, print a table."""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import os
import pkgutil
import platform
import subprocess
import tempfile
from pathlib import Path

from lab.settings import CHECKOUT
from tests.bench import rows as row_files
from tests.bench.harness import Context, Row, table


def _commit() -> str:
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    return described.stdout.strip() or "unknown"


def main() -> None:
    names = sorted(module.name for module in pkgutil.iter_modules(row_files.__path__))
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each, of which the median counts")
    parser.add_argument("files", nargs="*", metavar="FILE", help=f"of {', '.join(names)} (default: all)")
    options = parser.parse_args()
    if unknown := set(options.files) - set(names):
        parser.error(f"no such rows: {', '.join(sorted(unknown))}")
    measured: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="kc-bench-") as work:
        for name in options.files or names:
            print(f"bench: {name}, {options.repeats} times", flush=True)
            context = Context(Path(work) / name, options.repeats)
            context.work.mkdir()
            for row in importlib.import_module(f"{row_files.__name__}.{name}").measure(context):
                print(f"  {row.name}: {row.value} {row.unit}, ratio {row.ratio}", flush=True)
                measured.append(row)
    report = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": {"cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()},
        "where": "the lab: the AWS API is simulated, so no figure here is AWS's",
        "rows": [row.as_dict() for row in measured],
    }
    (CHECKOUT / "bench.json").write_text(json.dumps(report, indent=2) + "\n")
    print("\n" + table(measured))


if __name__ == "__main__":
    main()
