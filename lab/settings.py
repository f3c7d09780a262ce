# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Where one lab keeps its files, and which regions it offers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent

# IAM, Route 53, CloudFront and the certificates of CloudFront live there on AWS, whatever regions a platform uses.
GLOBAL_REGION = "us-east-1"

ACCOUNT_ID = "111122223333"


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
        return self.run / f"api-{region}.sock"

    @property
    def control_socket(self) -> Path:
        return self.run / "control.sock"

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
    """The lab that `LAB_HOME` names, or the checkout's own."""
    home = Path(os.environ.get("LAB_HOME") or CHECKOUT / ".build" / "lab").resolve()
    names = os.environ.get("LAB_REGIONS", "me-west-1,eu-central-1").split(",")
    regions = [name.strip() for name in names if name.strip()]
    return LabSettings(home=home, regions=tuple(dict.fromkeys([*regions, GLOBAL_REGION])))
