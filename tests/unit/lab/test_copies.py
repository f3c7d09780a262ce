# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A copy of a lab has the template's state, and names of its own for what it starts on this machine."""

from __future__ import annotations

import re
import time

import pytest

from lab import copies

INSTANCE, DATABASE = "i-0123456789abcdef0", "db-3B90F9350DF54DA4834A"
BALANCER = "arn:aws:elasticloadbalancing:me-west-1:111122223333:loadbalancer/app/kc-media/0fqdy3r7k3hzsrt1"


@pytest.fixture
def template(tmp_path):
    home = tmp_path / "home"
    (home / "state" / "services").mkdir(parents=True)
    (home / "state" / "rds" / "instances" / DATABASE).mkdir(parents=True)
    (home / "state" / "rds" / "instances" / f"{DATABASE}.json").write_text("{}")
    (home / "run").mkdir()
    (home / "ports.json").write_text("{}")
    (home / "operator.json").write_text("key")
    (home / "state" / "services" / "ec2.json").write_text(f"{INSTANCE} i-short {BALANCER}")
    (home / "state" / "services" / "asg.json").write_text(f'"{INSTANCE}" {BALANCER} {DATABASE} "_in_service_at": 12.5')
    copies.keep(home, tmp_path / "template", home / "ports.json")
    return tmp_path / "template"


def test_state_and_keys_are_kept_and_what_belongs_to_processes_is_not(template, tmp_path):
    assert (template / "ports.json").exists(), "a further file, as it was asked for"
    copies.start_from(template, tmp_path / "copy")
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == ["operator.json", "state"]


def test_names_of_containers_are_drawn_anew_and_agree_in_all_files(template, tmp_path):
    found = []
    for name in ("one", "other"):
        copies.start_from(template, tmp_path / name)
        state = tmp_path / name / "state"
        ec2, asg = ((state / "services" / file).read_text() for file in ("ec2.json", "asg.json"))
        (instance,) = re.findall(r"i-[0-9a-f]{17}", ec2)
        assert f'"{instance}"' in asg
        assert "i-short" in ec2
        balancer = ec2.rpartition("/")[2]
        assert asg.split()[1].endswith(f"loadbalancer/app/kc-media/{balancer}")
        database = asg.split()[2]
        assert {path.name for path in (state / "rds" / "instances").iterdir()} == {database, f"{database}.json"}
        found += [instance, balancer, database]
    assert len({*found, INSTANCE, BALANCER.rpartition("/")[2], DATABASE}) == 9


def test_the_grace_period_of_instances_begins_anew(template, tmp_path):
    copies.start_from(template, tmp_path / "copy")
    state = (tmp_path / "copy" / "state" / "services" / "asg.json").read_text()
    assert float(state.rpartition('"_in_service_at": ')[2]) == pytest.approx(time.time(), abs=60)


def test_an_unfinished_template_does_not_count(template, tmp_path):
    (tmp_path / "home" / "state" / "services" / "ec2.json").write_text("newer")
    copies.keep(tmp_path / "home", template)
    assert (template / "state" / "services" / "ec2.json").read_text() == "newer"
    assert not (tmp_path / "template.new").exists()


def test_what_was_run_is_part_of_the_fingerprint():
    assert copies.fingerprint("a") == copies.fingerprint("a") != copies.fingerprint("b")


def test_only_one_holds_the_lock(tmp_path):
    with copies.locked(tmp_path), pytest.raises(BlockingIOError), copies.locked(tmp_path, wait=False):
        pass
