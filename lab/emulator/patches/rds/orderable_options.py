# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""RDS offers the classes of today's generations, in MySQL's versions that it supports.

AWS lists an option for each class and version that can be ordered. The emulator lists ten classes of older generations, in one
version.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html
"""

from __future__ import annotations

import re

import ministack.services.rds as rds

_ACTION = "DescribeOrderableDBInstanceOptions"
_CLASS = re.compile(r"db\.(t3|t4g|m5|m6g|m6i|m7g|m7i|r5|r6g|r6i|r7g|r7i)\.(micro|small|medium|large|\d*xlarge)")
_VERSIONS = ("8.0.42", "8.4.5")


def _option(instance_class: str, version: str) -> str:
    return (
        "<OrderableDBInstanceOption><Engine>mysql</Engine>"
        f"<EngineVersion>{version}</EngineVersion><DBInstanceClass>{instance_class}</DBInstanceClass>"
        "<LicenseModel>general-public-license</LicenseModel><MultiAZCapable>true</MultiAZCapable>"
        "<ReadReplicaCapable>true</ReadReplicaCapable><Vpc>true</Vpc><StorageType>gp3</StorageType>"
        "<SupportsStorageEncryption>true</SupportsStorageEncryption></OrderableDBInstanceOption>"
    )


def apply() -> None:
    describe = rds._ACTION_MAP[_ACTION]

    def describe_options(params):
        wanted, version = rds._p(params, "DBInstanceClass"), rds._p(params, "EngineVersion")
        if rds._p(params, "Engine") != "mysql" or not wanted:
            return describe(params)
        versions = [each for each in _VERSIONS if version in ("", None, each)] if _CLASS.fullmatch(wanted) else []
        options = "".join(_option(wanted, each) for each in versions)
        return rds._xml(
            200,
            f"{_ACTION}Response",
            f"<{_ACTION}Result><OrderableDBInstanceOptions>{options}</OrderableDBInstanceOptions></{_ACTION}Result>",
        )

    rds._ACTION_MAP[_ACTION] = describe_options
