# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The filter `locked_requirements`; locked_requirements.yml documents it."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError


def locked_requirements(lock: str, python_version: str) -> str:
    """Return the entries of pip's universal lock file for one Python version on Linux, without comments and markers."""
    environment = _environment(python_version)
    return "".join(_line(name, hashes) for name, hashes, marker in _entries(lock) if _holds(marker, environment))


def _entries(lock: str) -> t.Iterator[tuple[str, list[str], str]]:
    """Return each entry of the lock: what is pinned, its hashes, and its marker."""
    uncommented = "\n".join(line for line in lock.splitlines() if not line.lstrip().startswith("#"))
    for entry in filter(None, (line.strip() for line in uncommented.replace("\\\n", " ").splitlines())):
        pinned, *hashes = entry.split("--hash=")
        name, _semicolon, marker = pinned.partition(";")
        yield name.strip(), [word.strip() for word in hashes], marker.strip()


def _holds(marker: str, environment: dict[str, str]) -> bool:
    # A dependency of ansible-core; it is missing where plugins are only inspected.
    from packaging.markers import InvalidMarker, Marker

    try:
        return not marker or Marker(marker).evaluate(environment)
    except InvalidMarker as error:
        raise AnsibleFilterError(f"locked_requirements can't read the marker {marker!r}: {error}") from error


def _environment(python_version: str) -> dict[str, str]:
    if python_version.count(".") != 1:
        raise AnsibleFilterError(f"locked_requirements wants a version such as 3.12, got {python_version!r}")
    return {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{python_version}.0",
        "python_version": python_version,
        "sys_platform": "linux",
    }


def _line(name: str, hashes: list[str]) -> str:
    return " \\\n    ".join([name, *(f"--hash={value}" for value in hashes)]) + "\n"


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable]:
        return {"locked_requirements": locked_requirements}
