# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A host that is lost while it packages a video: another one finishes the job, one result is committed, the group is whole again.

On a copy of the built lab. The tests follow one another: the second one's host is lost while the first one's is being replaced.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from tests.media.sources import moving_picture
from tests.support.machines import wait_for
from tests.support.media_group import MediaGroup, assert_committed_once

pytestmark = pytest.mark.nightly

# A host boots and configures itself; a lost host's message is hidden for a minute and a half.
_BOOT_S, _JOB_S = 900, 300


@pytest.fixture(scope="module")
def group(copied_lab) -> MediaGroup:
    """The primary region's group, with two hosts."""
    group = MediaGroup(copied_lab, "kc-lab", "me-west-1")
    group.resize(2)
    wait_for("two hosts that serve", lambda: _is_whole(group), timeout=_BOOT_S)
    return group


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """A video whose packaging takes longer than a host takes to notice that it has to end."""
    return moving_picture(tmp_path_factory.mktemp("film") / "film.mp4", size="1280x720", seconds=20)


def _is_whole(group: MediaGroup) -> bool:
    hosts = group.hosts()
    return len(hosts) == 2 and sorted(hosts) == sorted(group.healthy())


def _begun(group: MediaGroup, asset: str, film: Path) -> str:
    """Queue a job; returns the host that works on it."""
    group.queue(asset, film)
    return wait_for(f"a host that works on {asset}", group.at_work)


def test_a_host_that_the_group_ends_hands_its_job_to_another(group, film):
    first = _begun(group, "handed-on", film)
    began = time.monotonic()
    group.end(first)
    wait_for("its job to be handed back", lambda: group.result(first, "handed-on") == "handed-back", timeout=60)
    second = wait_for("the job's end", lambda: group.finisher("handed-on"), timeout=_JOB_S)
    print(f"handed on and done after {time.monotonic() - began:.0f} s")
    assert second != first
    assert_committed_once(group, "handed-on")


def test_a_lost_hosts_job_is_done_by_another(group, film):
    first = _begun(group, "lost", film)
    began = time.monotonic()
    subprocess.run(["docker", "kill", "--signal", "KILL", first], check=True, capture_output=True)
    second = wait_for("the job's end", lambda: group.finisher("lost"), timeout=_BOOT_S)
    print(f"lost and done after {time.monotonic() - began:.0f} s")
    assert second != first
    assert_committed_once(group, "lost")


def test_the_group_replaces_both(group):
    wait_for("two hosts that serve, and no other", lambda: _is_whole(group), timeout=_BOOT_S)
