# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Keep the lab in which site.yml built the platform, and start the end-to-end scenarios from copies of it."""

from __future__ import annotations

import contextlib
import functools
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from lab import copies
from lab.operator import OPERATOR
from lab.settings import CHECKOUT
from tests.support import machines, playbooks
from tests.support.labs import Clients, running_lab
from tests.support.media_of_site import MediaOfSite
from tests.support.site_template import LABS, PARTS, template
from tests.support.suites import leftovers
from tools.operator_policy import record as record_of_rights
from tools.operator_policy import rules
from tools.operator_policy.comparison import differences

REGIONS = ("me-west-1", "eu-central-1")
HOSTS = {*REGIONS, "global"}
MEDIA = "kc-lab-{}-storage-media"
RIGHTS = "rights.jsonl"
BUILDING = LABS / "building"


@contextlib.contextmanager
def building() -> Iterator[None]:
    """Hold the lock while a lab is built that becomes the template; nothing where there is one already."""
    if template().exists():
        yield
        return
    with copies.locked(LABS):
        yield


def keep(lab: Clients, build_seconds: float, rights: Path) -> None:
    """Make a built lab, which must be stopped, the template unless there is one; older ones are removed."""
    if template().exists():
        return
    home = lab.stack.settings.home
    (home / "build.json").write_text(json.dumps({"seconds": build_seconds}))
    copies.keep(home, template(), home / "build.json", rights)
    for old in LABS.iterdir():
        if old.is_dir() and old not in (template(), BUILDING):
            shutil.rmtree(old, ignore_errors=True)


def built() -> Path:
    """Return the template's folder; builds it where it is missing and nobody else does."""
    while not template().exists():
        with contextlib.suppress(BlockingIOError), copies.locked(LABS, wait=False):
            if not template().exists():
                _build()
        time.sleep(1)
    return template()


def build_seconds() -> float:
    """Return how long site.yml took to build the template."""
    return json.loads((template() / "build.json").read_text())["seconds"]


def _build() -> None:
    shutil.rmtree(BUILDING, ignore_errors=True)
    rights = BUILDING / RIGHTS
    BUILDING.mkdir(parents=True)
    with recorded(rights), running_lab(BUILDING / "lab", instances=True) as lab:
        ran = playbooks.run(lab).succeeded()
        lab.stack.down(purge=False, say=lambda _line: None)
        keep(lab, ran.seconds, rights)
    shutil.rmtree(BUILDING)


@contextlib.contextmanager
def recorded(file: Path) -> Iterator[None]:
    """Let labs that start meanwhile record in `file` which rights were needed, also after a restart."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_RECORD_RIGHTS", str(file))
        yield


def judge_rights(part: str, file: Path) -> None:
    """Assert that no right was missing in a part; and once all parts have recorded theirs, that none is needless.

    Missing ones would have stopped the runs, too, as each was the operator's.
    """
    policy = json.loads((CHECKOUT / "docs" / "operator-policy.json").read_text())
    together = leftovers.shared() / "rights"
    together.mkdir(exist_ok=True)
    with copies.locked(together):
        (together / f"{part}.jsonl").write_text(file.read_text())
        parts = [together / f"{name}.jsonl" for name in PARTS]
        complete = all(part.exists() for part in parts)
        text = "".join(part.read_text() for part in parts if part.exists())
        (together / RIGHTS).write_text(text)
        needed = record_of_rights.read(together / RIGHTS, OPERATOR)
    problems = differences(policy, needed, rules.completions())
    assert not [problem for problem in problems if complete or "which no run needs" not in problem]
    if complete:
        assert {"ec2:CreateVpc", "s3:DeleteBucket"} <= needed.actions


def wait_until_configured(lab: Clients) -> None:
    """Wait until the instances of a lab that was started anew have booted on new disks and serve again."""
    for region in REGIONS:
        ready = functools.partial(_is_configured, lab, region)
        machines.wait_for(f"runner and media hosts of {region}", ready, timeout=900, pause=2.0)


def _is_configured(lab: Clients, region: str) -> bool:
    found = runner(lab, region)
    result = found and machines.inside(found, "cat", "/run/cloud-init/result.json").stdout
    return bool(result) and bool(media(lab).healthy(region))


# What the parts look at


def database(lab: Clients, region: str) -> dict:
    """Describe a region's database."""
    return lab("rds", region).describe_db_instances(DBInstanceIdentifier=f"kc-lab-{region}-database")["DBInstances"][0]


def media(lab: Clients) -> MediaOfSite:
    """Return the media tier as its users meet it."""
    return MediaOfSite(lab, "kc-lab", "lab.knowledgecity.example")


def runner(lab: Clients, region: str, but: str = "") -> str:
    """Return the running runner of a region; empty where there is none but `but`."""
    wanted = [{"Name": "tag:tier", "Values": ["runner"]}, {"Name": "instance-state-name", "Values": ["running"]}]
    groups = lab("ec2", region).describe_instances(Filters=wanted)["Reservations"]
    found = [instance["InstanceId"] for group in groups for instance in group["Instances"]]
    return next((instance_id for instance_id in found if instance_id != but), "")


def body(s3, bucket: str, key: str) -> bytes | None:
    """Read an object; None where there is none."""
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise


def wait(condition: Callable[[], object], timeout: float = 15.0) -> bool:
    """Wait until a condition holds; False where it doesn't within the time."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
