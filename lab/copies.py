# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Keep the state of a lab that was built, and start other labs from copies of it.

A copy has the account, the keys and the data of its template. Ports, sockets, processes, namespaces and containers are its own:
what names containers on this machine (ids of instances, DB instances and load balancers) is drawn anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import re
import secrets
import shutil
import string
import time
from collections.abc import Iterator
from pathlib import Path

from lab.runtime.shell import run
from lab.settings import CHECKOUT

# What decides how a lab looks that a playbook built.
_SOURCES = (
    *("lab", "media_server", "meta", "plugins", "playbooks", "roles", "inventories", "requirements"),
    *("site.yml", "galaxy.yml", "docs/operator-policy.json"),
)
# A lab without its processes: ports are reserved, sockets and control files made at its start.
_KEPT = ("state", "tls", "operator.json", "administrator.json")

# Identifiers that name containers, each with the alphabet of its random part.
_DRAWN = (
    (re.compile(rb"\bi-([0-9a-f]{17})\b"), "0123456789abcdef"),
    (re.compile(rb"\bdb-([A-Z0-9]{20,26})\b"), "0123456789ABCDEF"),
    (re.compile(rb"\bloadbalancer/app/[A-Za-z0-9-]+/([0-9a-z]{16})\b"), string.ascii_lowercase + string.digits),
)

# Since when an instance of an Auto Scaling group is in service. A copy's instances boot again: their grace period begins anew.
_IN_SERVICE = re.compile(rb'("_in_service_at": )[0-9.]+')


def fingerprint(*more: str) -> str:
    """Hash all that decides how a built lab looks: the sources, and `more` (what was run in it, and how)."""
    digest = hashlib.sha256("\0".join(more).encode())
    for source in _SOURCES:
        path = CHECKOUT / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(CHECKOUT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def locked(folder: Path, wait: bool = True) -> Iterator[None]:
    """Hold the folder's lock: of several who miss a template, one builds it. Without `wait`, raises BlockingIOError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


def keep(home: Path, template: Path, *more: Path) -> None:
    """Make a template of the stopped lab in `home`, with further files of `more`; it is there completely or not at all."""
    unfinished = template.with_name(f"{template.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    present = [home / name for name in _KEPT if (home / name).exists()]
    run("cp", "--archive", "--reflink=auto", *map(str, (*present, *more)), str(unfinished))
    shutil.rmtree(template, ignore_errors=True)
    unfinished.rename(template)


def start_from(template: Path, home: Path) -> None:
    """Lay a copy of a template into `home`, to be started by `lab up`."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    present = [str(template / name) for name in _KEPT if (template / name).exists()]
    run("cp", "--archive", "--reflink=auto", *present, str(home))
    services = home / "state" / "services"
    files = [file for file in services.rglob("*") if file.is_file()]
    drawn = _drawn_anew(b"\n".join(file.read_bytes() for file in files))
    begun = b"\\g<1>" + str(time.time()).encode()
    for file in files:
        content = file.read_bytes()
        if (changed := _IN_SERVICE.sub(begun, _replaced(content, drawn))) != content:
            file.write_bytes(changed)
    _rename_databases(home / "state" / "rds" / "instances", drawn)


def _drawn_anew(content: bytes) -> dict[bytes, bytes]:
    """Draw a new random part for each identifier."""
    drawn = {}
    for pattern, alphabet in _DRAWN:
        for old in {found[1] for found in pattern.finditer(content)}:
            drawn[old] = "".join(secrets.choice(alphabet) for _ in old).encode()
    return drawn


def _replaced(content: bytes, drawn: dict[bytes, bytes]) -> bytes:
    if not drawn:
        return content
    return re.sub(b"|".join(map(re.escape, drawn)), lambda found: drawn[found[0]], content)


def _rename_databases(folder: Path, drawn: dict[bytes, bytes]) -> None:
    """The folders of databases are named as their containers."""
    if not folder.is_dir():
        return
    for path in list(folder.iterdir()):
        path.rename(folder / _replaced(path.name.encode(), drawn).decode())
