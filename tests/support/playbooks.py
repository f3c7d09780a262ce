# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run playbooks as users do, in a lab, and read what they print."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lab.settings import CHECKOUT
from tests.support.labs import Clients

TIMEOUT = 1500
_FAILED = re.compile(r"^(?:fatal|failed): .*?(?=^$)", re.MULTILINE | re.DOTALL)
_RECAP = re.compile(r"^(\S+)\s+: (ok=\d+ .*)$", re.MULTILINE)


@dataclass(frozen=True)
class Ran:
    """A finished run: its exit code, all of its output, and how long it took."""

    returncode: int
    output: str
    seconds: float

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        """Counters by host, from the recap."""
        _, _, recap = self.output.rpartition("PLAY RECAP")
        return {
            host: {key: int(value) for key, value in (pair.split("=") for pair in counters.split())}
            for host, counters in _RECAP.findall(recap)
        }

    @property
    def changed(self) -> dict[str, int]:
        """How many tasks changed something, by host."""
        return {host: counters["changed"] for host, counters in self.recap.items()}

    def changes(self) -> list[str]:
        """The tasks that changed something and on which host, in the order of the run."""
        found, task = {}, ""
        for line in self.output.splitlines():
            if line.startswith("TASK ["):
                task = line.removeprefix("TASK [").partition("]")[0]
            elif line.startswith("changed: ["):
                # A task with a loop says it for each item.
                found[f"{task}: {line.removeprefix('changed: [').partition(']')[0]}"] = True
        return list(found)

    def failures(self) -> str:
        """What the tasks that failed said, cut short."""
        return "\n".join(found[0][:3000] for found in _FAILED.finditer(self.output)) + "\n"

    def succeeded(self) -> Ran:
        """This run, after asserting that no host failed."""
        assert self.returncode == 0, self.failures() + self.output[-3000:]
        assert self.recap, self.output[-6000:]
        assert all(not counters["failed"] and not counters["unreachable"] for counters in self.recap.values())
        return self


def command(playbook: str, inventory: Path | str, *arguments: str) -> list[str]:
    """The command line that a user would type."""
    # More playbooks among the arguments have to follow the first one.
    return ["ansible-playbook", playbook, *arguments, "-i", str(inventory)]


def start(
    lab: Clients,
    *arguments: str,
    playbook: str = "site.yml",
    inventory: Path | str = "inventories/lab",
    administrator: bool = False,
    **variables,
):
    """Start a run in the background, under the operator's key if not the `administrator`'s.

    `variables` are added to its environment.
    """
    settings = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg")}
    environment = lab.environment(administrator=administrator) | settings | variables
    return subprocess.Popen(
        command(playbook, inventory, *arguments),
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(lab: Clients, *arguments: str, **options) -> Ran:
    """Run to the end; see `start` for the options."""
    started = time.monotonic()
    process = start(lab, *arguments, **options)
    try:
        output, _ = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
        raise AssertionError(f"no end after {TIMEOUT} s: {output[-3000:]}") from None
    return Ran(process.returncode, output, time.monotonic() - started)
