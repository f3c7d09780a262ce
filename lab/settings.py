# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Say where one lab keeps its files, and which regions it offers."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from lab.inventory import CHECKOUT, platform

# IAM, Route 53, CloudFront and the certificates of CloudFront live there on AWS, whatever regions a platform uses.
GLOBAL_REGION = "us-east-1"

ACCOUNT_ID = "111122223333"

# Linux takes no longer path for a Unix socket; the longest name below a lab's run folder is some 25 characters.
_SOCKET_PATH_LIMIT = 107


@dataclass(frozen=True)
class LabSettings:
    """Paths and regions of one lab; a checkout may hold several (`LAB_HOME`)."""

    home: Path
    regions: tuple[str, ...]

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def state(self) -> Path:
        return self.home / "state"

    @property
    def tls(self) -> Path:
        return self.home / "tls"

    @property
    def ca_certificate(self) -> Path:
        return self.tls / "ca.pem"

    @property
    def emulator_python(self) -> Path:
        """The emulator has an environment of its own: it pins another botocore than Ansible's."""
        default = CHECKOUT / ".build" / "ministack" / "bin" / "python"
        return Path(os.environ.get("LAB_EMULATOR_PYTHON", default))

    def backend_socket(self, region: str) -> Path:
        return self._socket(f"api-{region}.sock")

    @property
    def control_socket(self) -> Path:
        return self._socket("control.sock")

    def _socket(self, name: str) -> Path:
        """Return the path of a socket in the run folder; where it would be too long, through a short link to that folder."""
        path = self.run / name
        if len(os.fsencode(path)) <= _SOCKET_PATH_LIMIT:
            return path
        link = Path("/tmp") / f"lab-{os.geteuid()}-{hashlib.sha256(os.fsencode(self.run)).hexdigest()[:16]}"
        if not link.is_symlink():
            with contextlib.suppress(FileExistsError):  # another process of this lab was faster
                link.symlink_to(self.run)
        # Others may write to /tmp, too.
        if link.lstat().st_uid != os.geteuid() or link.readlink() != self.run:
            raise OSError(
                f"{link} must be a link of this user to {self.run}. Fix: remove it, or set LAB_HOME to a short path"
            )
        return link / name

    @property
    def instances_realized(self) -> Path:
        """Holds the number of the process that realizes the instances, once it has done so for the first time."""
        return self.run / "ec2.realized"

    @property
    def databases_realized(self) -> Path:
        """Holds the number of the process that realizes the databases, once it has done so for the first time."""
        return self.run / "rds.realized"

    @property
    def database_names(self) -> Path:
        """The endpoints of the databases with their addresses, for the resolvers of the VPCs."""
        return self.run / "rds-names.json"

    def proxy_control(self, region: str) -> Path:
        return self.run / f"proxy-{region}.json"


def current() -> LabSettings:
    """Return the lab that `LAB_HOME` names, or the checkout's own; its regions are `LAB_REGIONS`, or the inventory's."""
    home = Path(os.environ.get("LAB_HOME") or CHECKOUT / ".build" / "lab").resolve()
    named = [name.strip() for name in os.environ.get("LAB_REGIONS", "").split(",") if name.strip()]
    return LabSettings(home=home, regions=tuple(dict.fromkeys([*(named or _platform_regions()), GLOBAL_REGION])))


def _platform_regions() -> list[str]:
    """Read the regions of the inventory that the lab is for."""
    regions = platform().get("platform_regions")
    return list(regions) if isinstance(regions, dict) else ["me-west-1", "eu-central-1"]
