# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The first part of the end-to-end scenario: an empty account, built, unchanged. The other parts start from a copy of its lab.

The tests run in this order on one lab; each says which state it needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support import artefact, awx, built_site, playbooks, record, snapshot
from tests.support.built_site import HOSTS, MEDIA, REGIONS, body, database, judge_rights, media, wait


@pytest.fixture(scope="module")
def lab(own_lab) -> Iterator:
    """An empty account; what is built in it becomes the template, unless there is one."""
    with built_site.building():
        yield own_lab


@pytest.fixture(scope="module")
def kept() -> dict:
    """What one test leaves for those after it."""
    return {}


def _empty(state: dict) -> bool:
    return not state["iam"] and not any(entries for region in REGIONS for entries in state[region].values())


def test_check_mode_on_an_empty_account_says_what_would_be(lab):
    ran = playbooks.run(lab, "--check", "--diff").succeeded()
    assert set(ran.recap) == HOSTS
    for named in (
        "kc-lab-me-west-1-network",
        "kc-lab-eu-central-1-network",
        *(MEDIA.format(region) for region in REGIONS),
        "kc-lab-region-record",
        "kc-lab-storage-replication",
        "kc-lab-me-west-1-database",
        "kc-lab-me-west-1-media",
    ):
        assert named in ran.output, f"check mode on an empty account does not name {named}"
    assert _empty(snapshot.digest(lab)), "check mode created something"


def test_site_builds_both_regions(lab, kept):
    ran = playbooks.run(lab, "-vvvv").succeeded()
    kept["build_output"], kept["build_seconds"] = ran.output, ran.seconds
    assert set(ran.recap) == HOSTS
    assert all(count > 0 for count in ran.changed.values())
    copies = [record.read(lab, region) for region in REGIONS]
    assert copies[0] == copies[1]
    assert copies[0]["active_region"] == "me-west-1"
    assert copies[0]["writer_endpoint"] == database(lab, "me-west-1")["Endpoint"]["Address"]
    assert database(lab, "eu-central-1")["ReadReplicaSourceDBInstanceIdentifier"]


def test_second_run_changes_nothing(lab, tmp_path):
    """As a job of AWX, which keeps no secret of it."""
    answers = {"platform_expected_environment": "lab"}
    job = awx.launch(lab, tmp_path, "site", awx.extra_vars(awx.template("site"), answers))
    assert job.status == "successful", job.output[-3000:]
    assert set(job.ok) == HOSTS
    assert (job.changed, job.failures) == ({}, {})
    assert not job.files_with(lab.stack.operator_key()["secret"])


def test_check_mode_on_a_built_platform_reports_no_change(lab, tmp_path):
    """By the collection as a user installs it. In one region, which takes half the time; the other was built by the same tasks."""
    site = artefact.install(lab, tmp_path)
    ran = playbooks.run(lab, "--check", "--diff", "--limit", REGIONS[0], **site).succeeded()
    assert ran.changed == {REGIONS[0]: 0}, ran.changes()


def test_an_object_reaches_the_other_region_and_its_deletion_follows(lab):
    here, there = (lab("s3", region) for region in REGIONS)
    key, content = "media/lesson/1.mp4", bytes(range(256)) * 4096
    here.put_object(Bucket=MEDIA.format(REGIONS[0]), Key=key, Body=content)
    assert wait(lambda: body(there, MEDIA.format(REGIONS[1]), key) == content)
    here.delete_object(Bucket=MEDIA.format(REGIONS[0]), Key=key)
    assert wait(lambda: body(there, MEDIA.format(REGIONS[1]), key) is None)


def test_no_secret_is_printed(lab, kept, rights_record):
    """Not at -vvvv either: the operator's secret, the lab's private keys and the keys' material are looked for."""
    settings = lab.stack.settings
    master = lab("secretsmanager").get_secret_value(SecretId="kc-lab/database/master")["SecretString"]
    secrets = {
        "the operator's secret": lab.stack.operator_key()["secret"],
        "the database's password": json.loads(master)["password"],
        "the key of the media's tokens": json.loads(media(lab).secret(REGIONS[0]))["keys"]["first"],
    }
    for key_file in settings.tls.glob("*.key"):
        secrets[key_file.name] = key_file.read_text().splitlines()[1]
    # The emulator writes its state when it stops, key material included.
    lab.stack.down(purge=False, say=lambda _line: None)
    built_site.keep(lab, kept["build_seconds"], rights_record)
    material = list(_key_material(json.loads((settings.state / "services" / "kms.json").read_text())))
    assert material, "the emulator's state holds no key material: nothing was looked for"
    secrets |= {f"key material {number}": value for number, value in enumerate(material)}
    found = [name for name, value in secrets.items() if value in kept["build_output"]]
    assert not found, f"printed at -vvvv: {found}"


def _key_material(value):
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "_symmetric_key_b64":
                yield item
            else:
                yield from _key_material(item)
    elif isinstance(value, list):
        for item in value:
            yield from _key_material(item)


def test_the_operators_rights_are_what_the_scenario_needs(lab, rights_record):
    """No right is missing here; whether one is needless is known once every part has recorded what it needs."""
    judge_rights("build", rights_record)
