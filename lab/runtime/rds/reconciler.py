# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Realize the API's DB instances and snapshots, pass after pass, and report to the API what came of it."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from lab import certificates
from lab.dns.files import write
from lab.proxy import Control
from lab.runtime import containers
from lab.runtime.control_client import ControlError, ask
from lab.runtime.rds import backbone, configuration, names, replay, server
from lab.runtime.rds.backups import Backups
from lab.runtime.rds.folders import MYSQL, Folders
from lab.runtime.rds.model import BackupCopy, Database, Memory, Snapshot, Wanted
from lab.runtime.shell import CommandError, run, tried
from lab.runtime.vpc import router
from lab.runtime.vpc.model import Container
from lab.runtime.vpc.names import namespace
from lab.settings import LabSettings

_AT_ONCE = 4


def log(line: str) -> None:
    print(line, flush=True)


class NotYetError(Exception):
    """Something else comes first; the next pass tries again."""


@dataclass
class Reconciler:
    """One worker a database and a snapshot at a time; what is done with data is remembered beside them."""

    settings: LabSettings
    image: str
    promotion_delay: float
    wanted: Wanted = field(default_factory=lambda: Wanted({}, {}, {}))
    there: dict[str, Container] = field(default_factory=dict)
    linked: dict[str, tuple] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folders = Folders(self.settings)
        self.backups = Backups(self.folders)
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        self._busy: dict[str, Future] = {}

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def reconcile(self) -> None:
        """Read what is wanted and what is there, and set a worker on each that has none."""
        self.wanted = Wanted.read(ask(self.settings.control_socket, "rds-view"))
        databases, snapshots = self.wanted.databases, self.wanted.snapshots
        home = self.settings.home
        self.there = containers.existing(home, names.LABEL) if databases or self.linked else {}
        write(self.settings.database_names, {item.endpoint: item.address for item in databases.values()})
        if databases:
            backbone.ensure(home)
        self._busy = {name: future for name, future in self._busy.items() if not future.done()}
        for database in databases.values():
            self._set_on(database.resource_id, self._keep, database)
        for snapshot in snapshots.values():
            if snapshot.state == "creating":
                self._set_on(snapshot.name, self._take, snapshot)
        self._keep_backups()
        for name in set(self.there) - set(databases) - set(self._busy):
            containers.remove(name)
        for path in self.folders.unwanted(set(databases), set(snapshots), set(self.wanted.copies)):
            if path.name.removesuffix(".new") not in self._busy:
                self.folders.remove(path)
        if not databases:
            backbone.remove(home)

    def _set_on(self, name: str, work, item) -> None:
        if name not in self._busy:
            self._busy[name] = self._pool.submit(self._guarded, name, work, item)

    def _guarded(self, name: str, work, item) -> None:
        try:
            work(item)
        except NotYetError:
            return
        except (CommandError, ControlError, server.ServerError, OSError) as error:
            log(f"{name} ({item.identifier}): {error}")  # tried again at the next pass

    # Instances

    def _keep(self, database: Database) -> None:
        container = self.there.get(database.resource_id)
        match database.state:
            case "deleting":
                self._delete(database)
            case "stopping" | "stopped":
                if container and container.running:
                    containers.stop(database.resource_id)
                self._report(database, "stopped")
            case _:
                self._run(database, container)

    def _delete(self, database: Database) -> None:
        origin = ("instance", database.resource_id)
        if any(item.origin == origin and item.state == "creating" for item in self.wanted.snapshots.values()):
            raise NotYetError
        containers.remove(database.resource_id)
        self.folders.remove(self.folders.of(database.resource_id))
        self.linked.pop(database.resource_id, None)
        self._report(database, "deleted")

    def _run(self, database: Database, container: Container | None) -> None:
        memory = self.folders.memory(database)
        if not memory.prepared:
            self._prepare(database)
            memory = Memory(prepared=True, reboots=database.reboots, password_version=database.password_version)
            self.folders.remember(database, memory)
        pid = container.pid if container and container.running else 0
        if pid and memory.reboots < database.reboots:
            pid = self._go_down(database, memory, pid)
        if not pid:
            pid = self._start(database, memory)
        self._link(database, pid)
        if self._settled(database, memory):
            self._report(database, "available")
            return
        with self._session(database, pid) as cursor:
            self._settle(database, memory, cursor, pid)
        self._report(database, "available")

    def _session(self, database: Database, pid: int) -> AbstractContextManager:
        def alive() -> bool:
            return containers.is_running(database.resource_id)

        return server.session(pid, alive)

    def _prepare(self, database: Database) -> None:
        """Lay the data: empty, of a snapshot, or of the source as it is now."""
        folder = self.folders.create(database)
        kind, name, *moment = database.origin or ("", "")
        match kind:
            case "snapshot":
                self.folders.copy(self.folders.snapshot(name), folder / "data")
            case "instance":
                self._clone(name, folder / "data")
            case "backup" if self.backups.lay(name, folder / "data"):
                pass
            case _:
                volume = f"{folder}:/rds"
                command = ("cp", "--archive", "/var/lib/mysql", configuration.DATA)
                run("docker", "run", "--rm", "--network", "none", "--volume", volume, self.image, *command)
        if kind:
            self.backups.keep_base(database)
        if kind == "backup":
            self.backups.lay_logs(name, float(moment[0]), folder / "data")
        log(f"{database.resource_id}: data of {database.identifier} laid ({kind or 'new'})")

    def _clone(self, resource_id: str, into) -> None:
        """Copy the data of a running instance, or of one that is stopped."""
        source = self.wanted.databases.get(resource_id)
        if not source or not self._reachable(source) or not self.folders.memory(source).users:
            raise NotYetError
        container = self.there.get(resource_id)
        if not container or not container.running:
            if source.state not in ("stopped", "deleting"):
                raise NotYetError
            self.folders.copy(self.folders.of(resource_id) / "data", into)
            (into / "auto.cnf").unlink(missing_ok=True)
            return
        clone = f"clone-{into.parent.name}-{time.monotonic_ns()}"
        with self._session(source, container.pid) as cursor:
            server.clone(cursor, f"/rds/{clone}")
        into.parent.mkdir(parents=True, exist_ok=True)
        (self.folders.of(resource_id) / clone).rename(into)

    def _start(self, database: Database, memory: Memory) -> int:
        folder, name = self.folders.of(database.resource_id), database.resource_id
        self._lay_certificate(database, folder)
        for unfinished in folder.glob("clone-*"):
            shutil.rmtree(unfinished)
        (folder / configuration.OPTIONS).write_text(
            configuration.render(database, applies_logs=bool(self.backups.pending(database)))
        )
        if name in self.there:
            pid = containers.start(name)
        else:
            network = ("--network", "none", "--hostname", database.identifier)
            run(
                *("docker", "run", "--detach", "--name", name, "--label", f"{names.LABEL}={self.settings.home}"),
                *(*network, "--volume", f"{folder}:/rds", self.image),
                *("mysqld", f"--defaults-file=/rds/{configuration.OPTIONS}"),
            )
            pid = containers.pid(name)
        memory.parameters = configuration.effective(database)
        memory.parameter_group = database.parameter_group
        memory.reboots = database.reboots
        memory.running = pid
        self.folders.remember(database, memory)
        log(f"{name}: started at {database.address}")
        return pid

    def _lay_certificate(self, database: Database, folder) -> None:
        settings = self.settings
        pair = certificates.issue(settings.tls, f"rds-{database.resource_id}", [database.endpoint])
        tls = folder / "tls"
        tls.mkdir(exist_ok=True)
        for file, name in zip((settings.ca_certificate, *pair), ("ca.pem", "server.pem", "server.key"), strict=True):
            shutil.copyfile(file, tls / name)
            (tls / name).chmod(0o600)
        run("chown", "--recursive", f"{MYSQL}:{MYSQL}", str(tls))

    def _go_down(self, database: Database, memory: Memory, pid: int) -> int:
        """Stop for a reboot; a replica that is promoted leaves its source before."""
        if memory.source and not database.source:
            with self._session(database, pid) as cursor:
                server.leave(cursor)
            memory.source = ""
            self.folders.remember(database, memory)
            time.sleep(self.promotion_delay)
            log(f"{database.resource_id}: promoted")
        containers.stop(database.resource_id)
        return 0

    def _settled(self, database: Database, memory: Memory) -> bool:
        return (
            memory.users
            and memory.password_version == database.password_version
            and memory.source == database.source
            and memory.running == memory.settled
            and (
                self._pending(database, memory) == memory.pending or memory.parameter_group != database.parameter_group
            )
        )

    @staticmethod
    def _pending(database: Database, memory: Memory) -> dict[str, str | None]:
        """Return the parameters that differ from what the server runs with."""
        wanted = configuration.effective(database)
        names_known = sorted(wanted.keys() | memory.parameters.keys())
        return {name: wanted.get(name) for name in names_known if wanted.get(name) != memory.parameters.get(name)}

    def _settle(self, database: Database, memory: Memory, cursor, pid: int) -> None:
        """Do what is done inside the server."""
        if not memory.users:
            if not database.source:
                server.set_up(cursor, database, self.folders.replication_password)
            if gtids := self.backups.pending(database):
                replay.apply(cursor, gtids)
                server.start_events(cursor, configuration.effective(database).get("event_scheduler"))
            self.backups.applied(database)
            memory.users = True
        if memory.password_version != database.password_version and not database.source:
            server.set_password(cursor, database)
        memory.password_version = database.password_version
        self._follow(database, memory, cursor, pid)
        self._apply_parameters(database, memory, cursor)
        memory.settled = memory.running
        self.folders.remember(database, memory)

    def _follow(self, database: Database, memory: Memory, cursor, pid: int) -> None:
        if not database.source:
            if memory.source:
                # It was down when it was promoted.
                server.leave(cursor)
                memory.source = ""
            return
        source = self.wanted.databases.get(database.source)
        if source:
            backbone.introduce(pid, source)
        if memory.source == database.source:
            server.resume(cursor)
        elif source:
            server.replicate(cursor, source, self.folders.replication_password)
            memory.source = database.source

    def _apply_parameters(self, database: Database, memory: Memory, cursor) -> None:
        if memory.parameter_group == database.parameter_group:
            for name, value in self._pending(database, memory).items():
                at_once = name not in database.parameters or database.parameters[name][1]
                if at_once and server.set_parameter(cursor, name, value):
                    memory.parameters = {
                        key: kept for key, kept in (memory.parameters | {name: value}).items() if kept is not None
                    }
        memory.pending = self._pending(database, memory)
        in_sync = not memory.pending and memory.parameter_group == database.parameter_group
        question = {"region": database.region, "resource_id": database.resource_id}
        status = {"status": "in-sync" if in_sync else "pending-reboot"}
        ask(self.settings.control_socket, "rds-parameters-report", question | status)

    def _report(self, database: Database, state: str) -> None:
        if database.state == state:
            return
        question = {"region": database.region, "resource_id": database.resource_id, "was": database.state}
        if ask(self.settings.control_socket, "rds-report", question | {"state": state}):
            log(f"{database.resource_id} ({database.identifier}): {database.state} -> {state}")

    # Networks

    def _reachable(self, database: Database) -> bool:
        """Return whether its region is there: one whose API is cut is lost with all that is in it."""
        return Control.read(self.settings.proxy_control(database.region)).mode == "open"

    def _link(self, database: Database, pid: int) -> None:
        home, space = self.settings.home, namespace(self.settings.home, database.network)
        try:
            inode = (router.NAMESPACES / space).stat().st_ino
        except FileNotFoundError:
            raise NotYetError from None
        reachable = self._reachable(database)
        state = (pid, inode, reachable)
        if self.linked.get(database.resource_id) == state:
            return
        router.connect(home, database.card, pid)
        backbone.connect(home, database, pid)
        if not reachable:
            router.cut(home, database.card)
            backbone.disconnect(home, database)
            log(f"{database.resource_id}: cut off, as its region is")
        self.linked[database.resource_id] = state

    # Snapshots and backups

    def _keep_backups(self) -> None:
        for copy in self.wanted.copies.values():
            if copy.live:
                self._set_on(copy.name, self._follow_source, copy)

    def _follow_source(self, copy: BackupCopy) -> None:
        source = self.wanted.databases.get(copy.source)
        if not source or not self._reachable(source) or not self.folders.memory(source).prepared:
            raise NotYetError
        until = self.backups.follow(copy, source)
        question = {"region": source.region, "resource_id": copy.source, "copy": copy.region, "until": until}
        ask(self.settings.control_socket, "rds-backup-report", question)

    def _take(self, snapshot: Snapshot) -> None:
        kind, name = snapshot.origin
        into = self.folders.snapshot(snapshot.name)
        if not into.exists():
            if kind == "snapshot":
                self.folders.copy(self.folders.snapshot(name), into)
            else:
                self._clone(name, into)
        question = {"region": snapshot.region, "name": snapshot.name, "state": "available"}
        ask(self.settings.control_socket, "rds-snapshot-report", question)
        log(f"{snapshot.name}: {snapshot.identifier} is available")


def remove_everything(settings: LabSettings) -> list[str]:
    """Remove what this lab has on the machine; data and snapshots are left, so that it all comes back. Returns what went."""
    removed = []
    for name in containers.existing(settings.home, names.LABEL):
        # In order: a server that is killed takes longer to come back.
        tried("docker", "stop", "--time", "20", name)
        containers.remove(name)
        removed.append(f"container {name}")
    backbone.remove(settings.home)
    settings.database_names.unlink(missing_ok=True)
    return removed
