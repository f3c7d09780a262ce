# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Realize the API's instances, pass after pass: routers, links, containers; and report to the API what came of it."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from lab import certificates
from lab.dns.files import ZONES
from lab.processes import Process
from lab.runtime import containers
from lab.runtime.alb import reconciler
from lab.runtime.alb.reconciler import Balancers
from lab.runtime.control_client import ask
from lab.runtime.ec2 import plan
from lab.runtime.ec2.vpc_services import RegionApi, Services
from lab.runtime.shell import CommandError
from lab.runtime.vpc import endpoints, router
from lab.runtime.vpc.model import Container, Instance, Network, Wanted
from lab.settings import CHECKOUT, LabSettings

# Booting a machine is mostly waiting, but each also costs a core while it starts.
_AT_ONCE = 4


def log(line: str) -> None:
    print(line, flush=True)


def services_of(settings: LabSettings, network_id: str) -> Process:
    """Return the process that serves inside a VPC."""
    return Process(settings.run, f"services-{network_id}")


@dataclass
class Reconciler:
    """Holds what it has done since it started; all else is read anew at every pass."""

    settings: LabSettings
    image: str
    memories: dict[str, plan.Memory] = field(default_factory=dict)
    routers: set[str] = field(default_factory=set)
    peered: set[tuple[str, str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.balancers = Balancers(self.settings)

    def reconcile(self) -> None:
        """Read what is wanted and what is there, and do the next step for each."""
        wanted = Wanted.read(ask(self.settings.control_socket, "ec2-view"))
        there = containers.existing(self.settings.home) if wanted.instances or self.memories else {}
        self._keep_networks(wanted)
        for problem in self.balancers.keep(wanted.balancers, wanted.networks):
            log(problem)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda instance: self._guarded(instance, wanted, there), wanted.instances.values()))
        for instance_id in set(there) - set(wanted.instances):
            containers.remove(instance_id)
        self._forget(wanted)

    def adopt(self) -> None:
        """Take over from a reconciler that was killed: what it had started counts as started."""
        for instance_id in containers.existing(self.settings.home):
            self.memories[instance_id] = plan.Memory(seen=True)

    def _guarded(self, instance: Instance, wanted: Wanted, there: dict[str, Container]) -> None:
        try:
            self._step(instance, wanted.networks[instance.network], there.get(instance.instance_id))
        except CommandError as error:
            log(f"{instance.instance_id}: {error}")  # tried again at the next pass

    def _step(self, instance: Instance, network: Network, container: Container | None) -> None:
        memory = self._recall(instance, container)
        if container and container.running and container.pid != memory.linked_pid:
            self._link(instance, container.pid)
        match plan.step(instance, container, memory):
            case plan.Report(state=state, reason=reason):
                self._report(instance, state, reason)
            case plan.BOOT:
                containers.remove(instance.instance_id)
                self._power_on(
                    instance,
                    containers.boot(self.settings.home, instance, network, self.image, self.settings.ca_certificate),
                )
            case plan.START | plan.REBOOT:
                containers.stop(instance.instance_id)
                self._power_on(instance, containers.start(instance.instance_id))
            case plan.STOP:
                containers.stop(instance.instance_id)
            case plan.REMOVE:
                containers.remove(instance.instance_id)
            case plan.WATCH if containers.is_up(instance.instance_id):
                self._report(instance, "running", None)

    def _recall(self, instance: Instance, container: Container | None) -> plan.Memory:
        """Return what is remembered of an instance, with what this pass shows."""
        memory = self.memories.get(instance.instance_id, plan.Memory(reboots=instance.reboots))
        if memory.reboots is None:
            memory = replace(memory, reboots=instance.reboots)
        self.memories[instance.instance_id] = replace(memory, seen=memory.seen or bool(container))
        return self.memories[instance.instance_id]

    def _power_on(self, instance: Instance, pid: int) -> None:
        self._link(instance, pid)
        memory = self.memories[instance.instance_id]
        self.memories[instance.instance_id] = replace(memory, seen=True, started=True, reboots=instance.reboots)
        log(f"{instance.instance_id}: powered on at {instance.address} in {instance.network}")

    def _link(self, instance: Instance, pid: int) -> None:
        """Link an instance to its router: anew wherever the container has another process than before."""
        router.connect(self.settings.home, instance, pid)
        memory = self.memories[instance.instance_id]
        self.memories[instance.instance_id] = replace(memory, linked_pid=pid)

    def _report(self, instance: Instance, state: str, reason: tuple[str, str] | None) -> None:
        question = {"region": instance.region, "instance_id": instance.instance_id, "was": instance.state}
        ask(self.settings.control_socket, "ec2-report", question | {"state": state, "reason": reason})
        memory = self.memories[instance.instance_id]
        self.memories[instance.instance_id] = replace(memory, started=False)
        log(f"{instance.instance_id}: {instance.state} -> {state}{f' ({reason[0]})' if reason else ''}")

    def _keep_networks(self, wanted: Wanted) -> None:
        home = self.settings.home
        addresses = endpoints.addresses(self.settings.regions)
        spaces = router.namespaces(home)
        self.routers &= set(spaces)
        for network in wanted.networks.values():
            space = router.names.namespace(home, network.network_id)
            if space not in self.routers:
                router.ensure(home, network, list(addresses.values()))
                self.routers.add(space)
                self._unlinked(network, wanted)
            self._serve(network, addresses)
        kept = {router.names.namespace(home, network_id) for network_id in wanted.networks}
        for space in set(spaces) - kept:
            remove_network(self.settings, space)
        self._keep_peerings(wanted)

    def _unlinked(self, network: Network, wanted: Wanted) -> None:
        """Forget the links to a router that had to be made anew, so that they are made anew too."""
        for instance_id, memory in self.memories.items():
            instance = wanted.instances.get(instance_id)
            if instance and instance.network == network.network_id:
                self.memories[instance_id] = replace(memory, linked_pid=0)
        self.peered = {item for item in self.peered if network.network_id not in item}
        self.balancers.unlink(network.network_id)

    def _serve(self, network: Network, addresses: dict[str, str]) -> None:
        process = services_of(self.settings, network.network_id)
        if process.pid:
            return
        settings = self.settings
        apis = {}
        for region, address in addresses.items():
            hosts = endpoints.certificate_hosts(region)
            certificate, key = certificates.issue(settings.tls, f"endpoint-{region}", hosts)
            backend, control = settings.backend_socket(region), settings.proxy_control(region)
            apis[region] = RegionApi(address, str(backend), str(control), str(certificate), str(key))
        services = Services(
            network.network_id,
            network.region,
            network.cidr,
            network.resolver,
            str(settings.control_socket),
            str(settings.database_names),
            str(settings.run / ZONES),
            apis,
        )
        space = router.names.namespace(settings.home, network.network_id)
        command = [
            "ip",
            "netns",
            "exec",
            space,
            sys.executable,
            "-m",
            "lab.runtime.ec2.vpc_services",
            services.as_argument(),
        ]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(CHECKOUT)}
        process.start(command, settings.logs / f"services-{network.network_id}.log", environment)

    def _keep_peerings(self, wanted: Wanted) -> None:
        joined = {}
        for peering in wanted.peerings:
            sides = [wanted.networks.get(side) for side in peering.sides]
            if all(sides):
                joined[(peering.peering_id, *peering.sides)] = (peering, tuple(sides))
        for key in set(joined) - self.peered:
            router.peer(self.settings.home, *joined[key])
            self.peered.add(key)
        for key in self.peered - set(joined):
            router.unpeer(self.settings.home, router.Peering(key[0], key[1:]))
            self.peered.discard(key)

    def _forget(self, wanted: Wanted) -> None:
        for instance_id in set(self.memories) - set(wanted.instances):
            del self.memories[instance_id]
        living = wanted.others | {instance.address for instance in wanted.instances.values()}
        for address in router.marked_addresses(self.settings.home):
            if address not in living:
                router.disconnect(self.settings.home, address)


def remove_network(settings: LabSettings, space: str) -> None:
    """End a VPC's services and remove its router."""
    network_id = space.removeprefix(router.names.namespace_prefix(settings.home))
    services_of(settings, network_id).stop()
    router.remove(space)


def remove_everything(settings: LabSettings) -> list[str]:
    """Remove what this lab has on the machine; the API's state is left, so that it all comes back. Returns what went."""
    removed = [f"container {name}" for name in reconciler.remove_everything(settings)]
    for instance_id in containers.existing(settings.home):
        containers.remove(instance_id)
        removed.append(f"container {instance_id}")
    for space in router.namespaces(settings.home):
        remove_network(settings, space)
        removed.append(f"namespace {space}")
    for address in router.marked_addresses(settings.home):
        router.disconnect(settings.home, address)
    return removed
