# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What happens to instances when the lab, its reconciler or a container ends; and two labs beside each other."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import pytest

from lab.runtime import containers
from lab.runtime.ec2 import lifecycle
from lab.runtime.vpc import router
from tests.support.labs import Clients, running_lab
from tests.support.machines import LISTENER, Place, booted, containers_of, fetched, inside, make_place, wait_for

_CIDR = "10.10.0.0/16"


def _silent(_line: str) -> None:
    pass


def _left_of(clients: Clients) -> list[str]:
    """Return what a lab has on this machine."""
    home = clients.stack.settings.home
    return [*containers_of(home), *router.namespaces(home), *router.marked_addresses(home)]


def _marked(name: str) -> str:
    return f"echo {name} >/srv/lab\n{LISTENER}"


@pytest.fixture(scope="module")
def place(lab_with_instances) -> Place:
    return make_place(lab_with_instances, "me-west-1", _CIDR)


@pytest.fixture(scope="module")
def instance(place) -> str:
    launched = place.launch("private", _marked("first"))
    booted(launched)
    return launched


def test_two_labs_with_the_same_addresses_do_not_meet(place, instance, tmp_path):
    with running_lab(tmp_path / "second", instances=True) as clients:
        other = make_place(clients, "me-west-1", _CIDR)
        twin = other.launch("private", _marked("second"))
        booted(twin)
        assert other.address(twin) == place.address(instance)
        assert inside(twin, "cat", "/srv/lab").stdout == "second\n"
        clients.stack.down(purge=False, say=_silent)
        assert _left_of(clients) == []
        assert instance in containers_of(place.clients.stack.settings.home)
    assert inside(instance, "cat", "/srv/lab").stdout == "first\n"


def test_a_killed_reconciler_recovers(place, instance):
    """Killed while it boots one: at the next `lab up` that one is up, and the other was left alone."""
    settings = place.clients.stack.settings
    before = _process_of(instance)
    launched = place.launch("data", _marked("third"))
    wait_for("its container", lambda: launched in containers_of(settings.home))
    os.kill(lifecycle.process(settings).pid, signal.SIGKILL)
    lifecycle.up(settings, _silent)
    booted(launched)
    assert fetched(launched, f"http://{place.address(instance)}:8080/lab") == "first\n"
    assert _process_of(instance) == before
    place.api("ec2").terminate_instances(InstanceIds=[launched])
    wait_for("its end", lambda: launched not in containers_of(settings.home))


def _process_of(instance: str) -> int:
    return json.loads(subprocess.run(["docker", "inspect", instance], capture_output=True, check=True).stdout)[0][
        "State"
    ]["Pid"]


def test_stop_and_start_keep_address_and_disk(place, instance):
    ec2 = place.api("ec2")
    address = place.address(instance)
    ec2.stop_instances(InstanceIds=[instance])
    wait_for("the stop", lambda: place.state(instance) == "stopped")
    ec2.start_instances(InstanceIds=[instance])
    wait_for("the start", lambda: place.state(instance) == "running")
    assert place.address(instance) == address
    assert inside(instance, "cat", "/srv/lab").stdout == "first\n"


def test_a_reboot_of_either_side_comes_back(place, instance):
    """By the API, and by the instance's own system."""
    for reboot in (
        lambda: place.api("ec2").reboot_instances(InstanceIds=[instance]),
        lambda: inside(instance, "systemctl", "reboot"),
    ):
        # One that has just got its network can't be told anything yet.
        wait_for("its system", lambda: containers.is_up(instance))
        before = _process_of(instance)
        reboot()
        wait_for("another process", lambda before=before: _process_of(instance) not in (0, before))
        wait_for("the network", lambda: inside(instance, "ip", "route", "get", "10.10.0.1").returncode == 0)
        assert place.state(instance) == "running"


def test_an_instance_that_shuts_itself_down_is_stopped(place, instance):
    wait_for("its system", lambda: containers.is_up(instance))
    told = inside(instance, "systemctl", "poweroff")
    assert told.returncode == 0, told
    wait_for("the stop", lambda: place.state(instance) == "stopped")
    assert place.described(instance)["StateReason"]["Code"] == "Client.InstanceInitiatedShutdown"
    place.api("ec2").start_instances(InstanceIds=[instance])
    wait_for("the start", lambda: place.state(instance) == "running")


def test_down_removes_all_and_up_brings_it_back(place, instance):
    stack = place.clients.stack
    address = place.address(instance)
    stack.down(purge=False, say=_silent)
    assert _left_of(place.clients) == []
    stack.up(_silent)
    booted(instance)
    assert (place.address(instance), place.state(instance)) == (address, "running")
    assert inside(instance, "cat", "/srv/lab").stdout == "first\n"


def test_an_instance_whose_container_is_gone_is_terminated(place, instance):
    subprocess.run(["docker", "rm", "--force", instance], capture_output=True, check=True)
    wait_for("its end", lambda: place.state(instance) == "terminated")
    assert place.described(instance)["StateReason"]["Code"] == "Server.InternalError"
