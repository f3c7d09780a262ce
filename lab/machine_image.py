# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Images of the lab's machines: Debian packages and what a recipe's `customize.sh` adds, built once a machine."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.settings import CHECKOUT

_APT = Path("/etc/apt")
# Manuals and translations would be a fifth of an image.
_LEFT_OUT = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/i18n/locales/*")


class ImageError(Exception):
    """The image could not be built."""


@dataclass(frozen=True)
class MachineImage:
    """A recipe: a folder with a list of `packages`, a `customize.sh`, and whatever that one uses."""

    what: str
    repository: str
    recipe: Path
    suite: str
    command: str
    setting: str  # the environment variable that names another image

    @property
    def name(self) -> str:
        """What the setting says, else a name that changes with the recipe."""
        if chosen := os.environ.get(self.setting):
            return chosen
        recipe = hashlib.sha256()
        files = [path for path in self.recipe.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        for file in sorted(files):
            recipe.update(str(file.relative_to(self.recipe)).encode() + b"\0" + file.read_bytes())
        return f"{self.repository}:{self.suite}-{recipe.hexdigest()[:12]}"

    @property
    def exists(self) -> bool:
        """Whether the Docker engine holds the image."""
        return not subprocess.run(
            ["docker", "image", "inspect", self.name], capture_output=True, check=False
        ).returncode

    def ensure(self, say: Callable[[str], None]) -> str:
        """Build the image unless it is there, saying how far that is; returns its name."""
        if self.exists:
            return self.name
        if os.environ.get(self.setting):
            raise ImageError(
                f"the image {self.name} that {self.setting} names is not there: build or load it, or unset it"
            )
        # Labs that start at the same moment build it once.
        with (Path(tempfile.gettempdir()) / f"{self.repository}-image.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.exists:
                self._build(say)
        return self.name

    def _build(self, say: Callable[[str], None]) -> None:
        started = time.monotonic()
        _run([str(CHECKOUT / "tools" / "apt_packages.sh"), "mmdebstrap"], lambda _line: None)
        say(f"building {self.what} {self.name}, once on this machine; about a minute")
        # Below /var/tmp: /tmp may be in memory.
        with tempfile.TemporaryDirectory(prefix=f"{self.repository}-", dir="/var/tmp") as work:
            root = Path(work) / "root.tar"
            _run(self._mmdebstrap(Path(work), root), lambda line: say(f"  {time.monotonic() - started:5.1f} s  {line}"))
            changes = ["--change", f'CMD ["{self.command}"]']
            _run(["docker", "import", *changes, str(root), self.name], lambda _line: None)
        say(f"{self.what} {self.name} took {time.monotonic() - started:.1f} s")

    def _mmdebstrap(self, work: Path, root: Path) -> list[str]:
        listed = (self.recipe / "packages").read_text().splitlines()
        packages = [line for line in listed if line and not line.startswith("#")]
        (work / "apt.conf").write_text(_host_apt_options())
        command = ["mmdebstrap", "--mode=root", "--variant=minbase", f"--include={','.join(packages)}"]
        # A root that is thrown away when the build fails need not be safe on disk.
        command += [f"--aptopt={work / 'apt.conf'}", "--dpkgopt=force-unsafe-io"]
        command += [f"--dpkgopt=path-exclude={path}" for path in _LEFT_OUT]
        command += [f'--customize-hook="{self.recipe / "customize.sh"}" "{self.recipe}" "$1"']
        return [*command, self.suite, str(root), *_host_sources(self.suite)]


def _host_sources(suite: str) -> list[str]:
    """Return the host's own sources of the release, so that its mirror is used; its mirror alone where it has another release."""
    word = re.compile(rf"(^|\s){suite}(\s|$)", re.MULTILINE)
    files = [_APT / "sources.list", *_APT.glob("sources.list.d/*.list"), *_APT.glob("sources.list.d/*.sources")]
    texts = {str(file): file.read_text() for file in files if file.is_file()}
    if of_release := [file for file, text in texts.items() if word.search(text)]:
        return of_release
    mirror = re.search(r"^(?:URIs:|deb\s+(?:\[[^]]*\])?)\s*(\S+/debian/?)\s", "\n".join(texts.values()), re.MULTILINE)
    return [f"deb {mirror[1]} {suite} main"] if mirror else []


def _host_apt_options() -> str:
    """Return how the host reaches the mirror: a proxy, an authority of its own, and whether old lists will do."""
    dump = subprocess.run(["apt-config", "dump", "--format", '%F "%v";%n'], capture_output=True, text=True, check=False)
    wanted = re.compile(r"^Acquire::(https?::(Proxy|CaInfo|CaPath|Verify-Peer)|Check-Valid-Until)")
    return "".join(f"{line}\n" for line in dump.stdout.splitlines() if wanted.match(line))


def _run(command: list[str], say: Callable[[str], None]) -> None:
    """Run a command, say its progress lines, and raise its last words where it fails."""
    lines: list[str] = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as ran:
        for line in ran.stdout:
            lines.append(line.rstrip())
            if line.startswith("I: "):
                say(line.removeprefix("I: ").rstrip())
    if ran.returncode:
        raise ImageError(f"{Path(command[0]).name} failed:\n" + "\n".join(lines[-15:]))
