# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run Checkov on resources, without a network and without an account of its maker's."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.settings import CHECKOUT
from tests.policies.template import Resource, template

_PROGRAMS = CHECKOUT / ".build" / "checkov" / "bin"
# "checkov --list" would ask its maker's server as well.
_LIST = """
import json
from checkov.cloudformation.checks.resource import registry
import checkov.cloudformation.checks.resource.aws
print(json.dumps(list(registry.cfn_registry.checks)))
"""


@dataclass(frozen=True, order=True)
class Finding:
    """A check that a resource didn't pass."""

    check: str
    kind: str
    resource: str
    title: str


@dataclass(frozen=True)
class Verdict:
    """What Checkov says: its findings, and how many checks were passed."""

    findings: list[Finding]
    passed: int


def judge(regions: dict[str, list[Resource]], folder: Path) -> Verdict:
    """Write a template a region into the folder, and have Checkov look at all of them."""
    for region, resources in regions.items():
        (folder / f"{region}.json").write_text(json.dumps(template(resources), indent=2, default=str))
    report = _report(folder)
    written = {
        (f"/{region}.json", f"{item.kind}.{item.logical_id}"): item
        for region, items in regions.items()
        for item in items
    }
    summary = report["summary"]
    # It passes over what it can't read, and says so only here.
    assert summary["parsing_errors"] == 0, report["results"]["parsing_errors"]
    assert summary["resource_count"] == len(written), summary
    found = []
    for failed in report["results"]["failed_checks"]:
        resource = written[failed["file_path"], failed["resource"]]
        found.append(Finding(failed["check_id"], resource.kind, resource.name, failed["check_name"]))
    return Verdict(sorted(found), summary["passed"])


def checked_kinds(folder: Path) -> set[str]:
    """The kinds of resources that Checkov has a check for, which looks at one resource by itself."""
    return set(json.loads(_run([_PROGRAMS / "python", "-I", "-c", _LIST], folder)))


def _report(folder: Path) -> dict:
    options = [
        "--framework",
        "cloudformation",
        "--compact",
        "--quiet",
        "--output",
        "json",
        "--skip-download",
        "--soft-fail",
    ]
    return json.loads(_run([_PROGRAMS / "checkov", "--directory", folder, *options], folder))


def _run(command: list[str | Path], folder: Path) -> str:
    ran = subprocess.run(
        command,
        cwd=folder,
        # No setting or token of the caller's, nor of their home's, reaches it.
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout
