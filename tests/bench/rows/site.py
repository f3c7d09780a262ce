# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The playbook `site.yml`: a build, a run with nothing to do, and one region against two."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from tests.bench import replay
from tests.bench.harness import Context, Row, compare
from tests.support import playbooks
from tests.support.labs import Clients, running_lab

ONE_REGION = "me-west-1"
REGIONAL = "playbooks/phases/regional.yml"


def measure(context: Context) -> Iterator[Row]:
    """Yield the three rows."""
    yield _build(context)
    with _lab(context, "noop") as lab:
        playbooks.run(lab).succeeded()
        yield _noop(context, lab)
    yield _both_regions(context)


def _lab(context: Context, name: str) -> AbstractContextManager[Clients]:
    return running_lab(context.work / name, instances=True)


def _noop(context: Context, lab: Clients) -> Row:
    """A run that changes nothing, against a playbook with as many tasks that do nothing on the same hosts."""
    first = playbooks.run(lab).succeeded()
    tasks = {host: counters["ok"] for host, counters in first.recap.items()}
    floor = context.work / "floor.yml"
    floor.write_text("".join(_floor_play(host, count) for host, count in sorted(tasks.items())))

    def ours() -> float:
        ran = playbooks.run(lab).succeeded()
        assert not any(ran.changed.values())
        return ran.seconds

    return compare(
        context,
        "site_noop_s",
        ours,
        lambda: playbooks.run(lab, playbook=str(floor)).succeeded().seconds,
        against=f"{sum(tasks.values())} ansible.builtin.ping tasks on the same hosts",
        note=lambda: "tasks that ran: " + ", ".join(f"{host} {count}" for host, count in sorted(tasks.items())),
    )


def _floor_play(host: str, count: int) -> str:
    play = f"- name: Floor of {host}\n  hosts: {host}\n  gather_facts: false\n  tasks:\n"
    return play + "".join(f"    - name: Nothing {number}\n      ansible.builtin.ping:\n" for number in range(count))


def _build(context: Context) -> Row:
    """A build from nothing, against the same API calls made by one process."""
    recordings: list[Path] = []
    figures: list[str] = []

    def ours() -> float:
        recording = context.work / f"calls-{len(recordings)}.jsonl"
        os.environ["LAB_RECORD_CALLS"] = str(recording)
        try:
            with _lab(context, f"build-{len(recordings)}") as lab:
                os.environ.pop("LAB_RECORD_CALLS")
                before = len(recording.read_text().splitlines())
                ran = playbooks.run(lab).succeeded()
                recordings.append(recording)
                lines = recording.read_text().splitlines(keepends=True)
                recording.write_text("".join(lines[before:]))
                return ran.seconds
        finally:
            os.environ.pop("LAB_RECORD_CALLS", None)

    def yardstick() -> float:
        calls = replay.recorded(recordings[-1])
        with _lab(context, f"replay-{len(recordings)}") as lab:
            played = replay.play(calls, lab)
        figures.append(f"{played.calls} calls, {played.differing} answered otherwise than in the build")
        return played.seconds

    return compare(
        context,
        "site_build_ratio",
        ours,
        yardstick,
        against="the same API calls, made by one process one after the other",
        note=lambda: (
            figures[-1] + "; the rest is Ansible's floor per task (see site_noop_s) and amazon.aws's fixed sleeps"
        ),
    )


def _both_regions(context: Context) -> Row:
    """The regional phase for both regions, against the same phase for one, each from nothing."""
    number = iter(range(10_000))

    def regional(*limit: str) -> float:
        with _lab(context, f"regional-{next(number)}") as lab:
            playbooks.run(lab, playbook="playbooks/phases/account.yml").succeeded()
            return playbooks.run(lab, *limit, playbook=REGIONAL).succeeded().seconds

    return compare(
        context,
        "both_regions_ratio",
        regional,
        lambda: regional("--limit", ONE_REGION),
        against=f"the regional phase of {ONE_REGION} alone",
        bar="<= 1.3",
    )
