# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run instances as containers: each boots systemd once it is linked to its router, and is named by its instance id."""

from __future__ import annotations

import json
from pathlib import Path

from lab.runtime.shell import CommandError, run, tried
from lab.runtime.vpc import names
from lab.runtime.vpc.model import Container, Instance, Network

# As a machine that is powered on once its network card is plugged in.
_POWER_ON = "until grep -q '^eth0.00000000' /proc/net/route; do sleep 0.05; done; exec /sbin/init"

_FLAGS = (
    # SYS_BOOT: a container may restart and halt itself, and says by its exit code which of the two it did.
    *("--network", "none", "--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN", "--cap-add", "SYS_BOOT"),
    # SYS_PTRACE: without it systemd finds no process in a /proc that hides others' (ProtectProc) beside PrivateUsers.
    *("--cap-add", "SYS_PTRACE", "--security-opt", "seccomp=unconfined"),
    *("--cgroupns=host", "--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw", "--tmpfs", "/run", "--tmpfs", "/tmp"),
    *("--stop-signal", "SIGRTMIN+3", "--env", "container=docker"),
)

_UP = ("initializing", "starting", "running", "degraded")


def existing(home: Path, label: str = names.LABEL) -> dict[str, Container]:
    """Return this lab's containers with a label, by their names: for EC2's, the instance ids."""
    listed = run("docker", "ps", "--all", "--no-trunc", "--quiet", "--filter", f"label={label}={home}").split()
    if not listed:
        return {}
    # One that is removed in between makes the command fail, yet the others are printed.
    described = tried("docker", "inspect", *listed)
    if described is None:
        return existing(home, label)
    found = {}
    for item in json.loads(described):
        name = item["Name"].lstrip("/")
        state = item["State"]
        found[name] = Container(name, state["Running"], state["ExitCode"], state["Pid"])
    return found


def boot(home: Path, instance: Instance, network: Network, image: str, authority: Path) -> int:
    """Create and start the container; returns its process, which waits for the network card."""
    run(
        *("docker", "run", "--detach", "--name", instance.instance_id, "--label", f"{names.LABEL}={home}"),
        *("--hostname", f"ip-{instance.address.replace('.', '-')}"),
        *("--dns", network.resolver, "--dns-search", f"{instance.region}.compute.internal"),
        *("--volume", f"{authority}:/usr/local/share/ca-certificates/provider.crt:ro"),
        *(*_FLAGS, image, "/bin/sh", "-c", _POWER_ON),
    )
    return pid(instance.instance_id)


def start(instance_id: str) -> int:
    """Start a stopped container; returns its process, which waits for the network card."""
    run("docker", "start", instance_id)
    return pid(instance_id)


def stop(instance_id: str) -> None:
    run("docker", "stop", "--time", "20", instance_id)


def remove(instance_id: str) -> None:
    tried("docker", "rm", "--force", "--volumes", instance_id)


def pid(instance_id: str) -> int:
    """Return the container's first process, as this machine numbers it."""
    number = int(run("docker", "inspect", "--format", "{{.State.Pid}}", instance_id))
    if not Path(f"/proc/{number}/ns/net").exists():
        raise CommandError(
            f"the process of {instance_id} is not to be seen here: the lab and the Docker engine must share a PID namespace"
        )
    return number


def is_running(name: str) -> bool:
    """Return whether the container's first process lives."""
    return tried("docker", "inspect", "--format", "{{.State.Running}}", name) == "true\n"


def is_up(instance_id: str) -> bool:
    """Return whether the container's systemd has taken over; it may still be starting services, as on EC2."""
    try:
        said = run("docker", "exec", instance_id, "systemctl", "is-system-running")
    except CommandError as error:
        said = str(error).rpartition(" ")[2]
    return said.strip() in _UP
