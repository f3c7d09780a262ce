# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The machine image of the lab's instances: Debian packages and the files below `root/`, built once a machine."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lab.settings import CHECKOUT

_RECIPE = Path(__file__).resolve().parent
_SUITE = "bookworm"
_APT = Path("/etc/apt")
# Manuals and translations would be a fifth of the image.
_LEFT_OUT = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/i18n/locales/*")


class ImageError(Exception):
    """The image could not be built."""


def name() -> str:
    """The image's name: what `LAB_INSTANCE_IMAGE` says, else a name that changes with the recipe."""
    chosen = os.environ.get("LAB_INSTANCE_IMAGE")
    if chosen:
        return chosen
    recipe = hashlib.sha256()
    for file in sorted(path for path in _RECIPE.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        recipe.update(str(file.relative_to(_RECIPE)).encode() + b"\0" + file.read_bytes())
    return f"kc-lab-instance:{_SUITE}-{recipe.hexdigest()[:12]}"


def exists(image: str) -> bool:
    """Whether the Docker engine holds the image."""
    return not subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode


def ensure(say: Callable[[str], None]) -> str:
    """Build the image unless it is there, saying how far that is; returns its name."""
    image = name()
    if exists(image):
        return image
    if os.environ.get("LAB_INSTANCE_IMAGE"):
        raise ImageError(f"the image {image} that LAB_INSTANCE_IMAGE names is not there: build or load it, or unset it")
    # Labs that start at the same moment build it once.
    with (Path(tempfile.gettempdir()) / "knowledgecity-lab-image.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not exists(image):
            _build(image, say)
    return image


def _build(image: str, say: Callable[[str], None]) -> None:
    started = time.monotonic()
    _run([str(CHECKOUT / "tools" / "apt_packages.sh"), "mmdebstrap"], lambda _line: None)
    say(f"building the instances' image {image}, once on this machine; about a minute")
    # Below /var/tmp: /tmp may be in memory.
    with tempfile.TemporaryDirectory(prefix="kc-lab-image-", dir="/var/tmp") as work:
        root = Path(work) / "root.tar"
        _run(_mmdebstrap(Path(work), root), lambda line: say(f"  {time.monotonic() - started:5.1f} s  {line}"))
        changes = ["--change", 'CMD ["/sbin/init"]']
        _run(["docker", "import", *changes, str(root), image], lambda _line: None)
    say(f"the image {image} took {time.monotonic() - started:.1f} s")


def _mmdebstrap(work: Path, root: Path) -> list[str]:
    packages = [line for line in (_RECIPE / "packages").read_text().splitlines() if line and not line.startswith("#")]
    (work / "apt.conf").write_text(_host_apt_options())
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", f"--include={','.join(packages)}"]
    # A root that is thrown away when the build fails need not be safe on disk.
    command += [f"--aptopt={work / 'apt.conf'}", "--dpkgopt=force-unsafe-io"]
    command += [f"--dpkgopt=path-exclude={path}" for path in _LEFT_OUT]
    command += [f'--customize-hook="{_RECIPE / "customize.sh"}" "{_RECIPE}" "$1"']
    return [*command, _SUITE, str(root), *_host_sources()]


def _host_sources() -> list[str]:
    """The host's own sources of the release, so that its mirror is used."""
    word = re.compile(rf"(^|\s){_SUITE}(\s|$)", re.MULTILINE)
    files = [_APT / "sources.list", *_APT.glob("sources.list.d/*.list"), *_APT.glob("sources.list.d/*.sources")]
    return [str(file) for file in files if file.is_file() and word.search(file.read_text())]


def _host_apt_options() -> str:
    """How the host reaches the mirror: a proxy, an authority of its own."""
    dump = subprocess.run(["apt-config", "dump", "--format", '%F "%v";%n'], capture_output=True, text=True, check=False)
    wanted = re.compile(r"^Acquire::https?::(Proxy|CaInfo|CaPath|Verify-Peer)")
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
