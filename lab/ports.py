# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Ports of one lab: chosen free at the first start and kept, so that two checkouts don't collide."""

from __future__ import annotations

import fcntl
import json
import socket
import tempfile
from pathlib import Path

_FIRST, _LAST = 20000, 29999


def reserve(file: Path, names: tuple[str, ...]) -> dict[str, int]:
    """Return a port for each name, from `file` where it holds one, else a free one that is then kept there."""
    known = json.loads(file.read_text()) if file.exists() else {}
    missing = [name for name in names if name not in known]
    if not missing:
        return {name: known[name] for name in names}
    file.parent.mkdir(parents=True, exist_ok=True)
    # Labs that start at the same moment take turns, and note what they took before anything listens on it.
    register_file = Path(tempfile.gettempdir()) / "knowledgecity-lab-ports.json"
    with register_file.open("a+") as register:
        fcntl.flock(register, fcntl.LOCK_EX)
        register.seek(0)
        taken: dict[str, list[int]] = json.loads(register.read() or "{}")
        taken = {lab: ports for lab, ports in taken.items() if Path(lab).exists()}
        in_use = {port for lab, ports in taken.items() if lab != str(file) for port in ports} | set(known.values())
        candidates = (port for port in range(_FIRST, _LAST) if port not in in_use and _is_free(port))
        for name in missing:
            known[name] = next(candidates)
        file.write_text(json.dumps(known))
        taken[str(file)] = sorted(known.values())
        register.seek(0)
        register.truncate()
        register.write(json.dumps(taken))
    return {name: known[name] for name in names}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
