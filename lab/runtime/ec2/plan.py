# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plan the next step of an instance towards what the API says: pure, one step an instance and pass."""

from __future__ import annotations

from dataclasses import dataclass

from lab.runtime.vpc.model import Container, Instance

# How a container's init ends when its own system asked for it: the kernel tells the init of a PID namespace by signal
# (reboot(2)), and the engine reports 128 + SIGHUP or SIGINT.
GUEST_REBOOT, GUEST_POWEROFF = 129, 130

BOOT, START, STOP, REBOOT, REMOVE, WATCH = "boot", "start", "stop", "reboot", "remove", "watch"

_SHUT_DOWN = ("Client.InstanceInitiatedShutdown", "Client.InstanceInitiatedShutdown: Instance initiated shutdown")
_LOST = ("Server.InternalError", "Server.InternalError: the container of the instance has ended")
_GONE = ("Server.InternalError", "Server.InternalError: the container of the instance is gone")


@dataclass(frozen=True)
class Report:
    """Tell the API that an instance has reached a state."""

    state: str
    reason: tuple[str, str] | None = None


@dataclass(frozen=True)
class Memory:
    """What this reconciler has done with an instance since it started."""

    seen: bool = False
    started: bool = False
    reboots: int | None = None
    linked_pid: int = 0


def step(instance: Instance, container: Container | None, memory: Memory) -> str | Report | None:
    """Return the next step for a living instance."""
    match instance.state:
        case "pending":
            return _pending(container, memory)
        case "running":
            return _running(instance, container, memory)
        case "stopping":
            return STOP if container and container.running else Report("stopped")
        case "stopped":
            return _stopped(container, memory)
        case "shutting-down":
            return _ending(container)
    return None


def _ending(container: Container | None) -> str | Report:
    """Shut down before it is taken away: its services are told to end, as on EC2."""
    if not container:
        return Report("terminated")
    return STOP if container.running else REMOVE


def _stopped(container: Container | None, memory: Memory) -> str | Report | None:
    if container:
        return STOP if container.running else None
    # One that is removed by force is seen ended before it is seen gone.
    return Report("terminated", _GONE) if memory.seen else None


def _pending(container: Container | None, memory: Memory) -> str | Report:
    if not container:
        return BOOT
    if container.running:
        return WATCH
    # It ended before it was up: a second try would end the same way.
    return Report("stopped", _LOST) if memory.started else START


def _running(instance: Instance, container: Container | None, memory: Memory) -> str | Report | None:
    if not container:
        # Never seen: the lab was down, and what ran comes back. Seen: somebody took it away, with its disk.
        return Report("terminated", _GONE) if memory.seen else BOOT
    if container.running:
        return REBOOT if memory.reboots is not None and memory.reboots < instance.reboots else None
    match container.exit_code:
        case code if code == GUEST_REBOOT:
            return START
        case code if code == GUEST_POWEROFF:
            return Report("stopped", _SHUT_DOWN)
    return Report("stopped", _LOST)
