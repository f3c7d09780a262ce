# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Realize each load balancer as a container with its address, its certificates, and a configuration for its targets."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from lab import certificates
from lab.proxy import Control
from lab.runtime import containers
from lab.runtime.alb import haproxy
from lab.runtime.alb.image import IMAGE
from lab.runtime.shell import CommandError, run
from lab.runtime.vpc import names, router
from lab.runtime.vpc.model import Instance, Network
from lab.settings import LabSettings

LABEL = f"{names.LABEL}.balancer"
_START = f"until grep -q '^eth0.00000000' /proc/net/route; do sleep 0.05; done; exec haproxy -W -db -f {haproxy.FOLDER}/haproxy.cfg"


@dataclass
class Balancers:
    """The load balancers of a lab, with what was made of each: its process, its link, and the configuration it runs."""

    settings: LabSettings
    linked: dict[str, tuple[str, int, bool]] = field(default_factory=dict)  # name -> network, process, region is there
    running: dict[str, str] = field(default_factory=dict)  # name -> digest of its configuration

    def keep(self, wanted: list[dict], networks: dict[str, Network]) -> list[str]:
        """Make the load balancers what the API says; returns what went wrong, to be tried again at the next pass."""
        there = containers.existing(self.settings.home, LABEL) if wanted or self.linked else {}
        problems = []
        for balancer in wanted:
            try:
                container = there.get(balancer["name"])
                self._keep_one(balancer, networks[balancer["network"]], container.pid if container else 0)
            except (CommandError, OSError) as error:
                problems.append(f"{balancer['name']}: {error}")
        for name in (set(there) | set(self.linked)) - {balancer["name"] for balancer in wanted}:
            self._remove(name)
        return problems

    def unlink(self, network_id: str) -> None:
        """Forget the links to a router that was made anew, so that they are made anew too."""
        self.linked = {name: link for name, link in self.linked.items() if link[0] != network_id}

    def _keep_one(self, balancer: dict, network: Network, pid: int) -> None:
        name, folder = balancer["name"], self._folder(balancer["name"])
        digest = hashlib.sha256(json.dumps(balancer, sort_keys=True).encode()).hexdigest()
        changed = self.running.get(name) != digest
        if changed:
            self._write(balancer, folder)
        if not pid:
            containers.remove(name)
            pid = self._start(name, folder)
        elif changed:
            run("docker", "kill", "--signal", "USR2", name)
        self.running[name] = digest
        # A region whose API is cut is lost with all that is in it.
        reachable = Control.read(self.settings.proxy_control(balancer["region"])).mode == "open"
        link = (network.network_id, pid, reachable)
        if self.linked.get(name) != link:
            router.connect(self.settings.home, _as_instance(balancer), pid)
            if not reachable:
                router.cut(self.settings.home, _as_instance(balancer))
            self.linked[name] = link

    def _start(self, name: str, folder: Path) -> int:
        run(
            *("docker", "run", "--detach", "--name", name, "--label", f"{LABEL}={self.settings.home}"),
            *("--network", "none", "--volume", f"{folder}:{haproxy.FOLDER}:ro"),
            *(IMAGE.name, "/bin/sh", "-c", _START),
        )
        return containers.pid(name)

    def _write(self, balancer: dict, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for listener in balancer["listeners"]:
            if listener["protocol"] == "HTTPS":
                self._write_certificates(listener, folder / haproxy.certificate_folder(listener))
        (folder / "haproxy.cfg").write_text(haproxy.configuration(balancer))

    def _write_certificates(self, listener: dict, folder: Path) -> None:
        """Have the lab's authority sign what ACM issued; ACM's own certificates have no keys here."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        for number, certificate in enumerate(listener["certificates"]):
            name = f"acm-{certificate['arn'].rpartition('/')[2]}"
            paths = certificates.issue(self.settings.tls, name, certificate["hosts"])
            both = folder / f"{number:02}.pem"
            both.touch(mode=0o600)
            both.write_bytes(b"".join(path.read_bytes() for path in paths))

    def _remove(self, name: str) -> None:
        containers.remove(name)
        shutil.rmtree(self._folder(name), ignore_errors=True)
        self.linked.pop(name, None)
        self.running.pop(name, None)

    def _folder(self, name: str) -> Path:
        return self.settings.run / "balancers" / name


def remove_everything(settings: LabSettings) -> list[str]:
    """Remove the containers of this lab's load balancers; returns their names."""
    there = list(containers.existing(settings.home, LABEL))
    for name in there:
        containers.remove(name)
    return there


def _as_instance(balancer: dict) -> Instance:
    """Describe a load balancer as the router takes what it links."""
    return Instance(
        instance_id=balancer["name"],
        region=balancer["region"],
        state="running",
        network=balancer["network"],
        subnet_cidr=balancer["subnet_cidr"],
        address=balancer["address"],
        mac=balancer["mac"],
    )
