# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Tenants on a shared instance: a thousand in one call, again with nothing to do, and against a loop over modules for one each."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

from lab.settings import CHECKOUT
from tests.bench.harness import Context, Row, row
from tests.support.databases import MASTER, PASSWORD
from tests.support.dedicated_instances import SHARED, DedicatedInstances, dedicated_instances
from tests.support.labs import running_lab

_MANY, _LOOPED = 1000, 20
_WHERE = "MySQL is real; secrets are kept by the simulated API"


def measure(context: Context) -> Iterator[Row]:
    """Yield the rows."""
    with running_lab(context.work / "lab", instances=True) as lab, dedicated_instances(lab) as regions:
        regions.here.wait(SHARED)
        bench = _Bench(regions, context.work)
        before, made, again, queries = os.getloadavg()[0], [], [], []
        for number in range(context.repeats):
            took, result = bench.keep(number)
            assert len(result["changes"]) == _MANY
            made.append(took)
            took, result = bench.keep(number)
            assert not result["changed"]
            again.append(took)
            queries.append(result["queries"])
            bench.clear()
        yield row(
            "tenants_per_minute",
            [60 * _MANY / took for took in made],
            [60 * _MANY / took for took in again],
            (before, os.getloadavg()[0]),
            unit="a minute",
            against="a second run, which changes nothing",
            bar=">= 2000",
            note=f"{_MANY} new schemas, users and secrets; {_WHERE}",
        )
        yield row(
            "tenants_rerun_queries",
            queries,
            queries,
            (before, os.getloadavg()[0]),
            unit="queries",
            against="itself",
            bar="<= 5",
            note=f"for {_MANY} tenants with nothing to change",
        )
        yield bench.ratio(context)


class _Bench:
    """One shared instance, and both ways to keep tenants on it."""

    def __init__(self, regions: DedicatedInstances, work: Path):
        self._regions = regions
        self._work = work

    def keep(self, number: int) -> tuple[float, dict]:
        """A run of the module over all tenants; seconds, and its result."""
        tenants = [{"name": f"load{number}x{item:04d}"} for item in range(_MANY)]
        started = time.monotonic()
        result = self._regions.run(tenants, **self._regions.shared_options())
        assert not result["failed"], result["msg"]
        return time.monotonic() - started, result

    def clear(self) -> None:
        """Remove what a run made, so that the next one meets the same server."""
        query = self._regions.here.query
        names = [row[0] for row in query(SHARED, "SHOW DATABASES LIKE 'tenant%'")]
        for start in range(0, len(names), 100):
            some = names[start : start + 100]
            query(
                SHARED,
                *(f"DROP DATABASE {name}" for name in some),
                *(f"DROP USER {name}@'%'" for name in some),
                timeout=60,
            )

    def ratio(self, context: Context) -> Row:
        """Schemas and users alone, by both: the secrets are there. The loop's time over a few is stretched to as many."""
        before, looped, made, modules = os.getloadavg()[0], [], [], ""
        for _ in range(min(2, context.repeats)):
            took, modules = self._loop()
            looped.append(took * _MANY / _LOOPED)
            self.clear()
            took, result = self.keep(0)
            assert {change["action"] for change in result["changes"]} == {"create"}, result["changes"][:2]
            made.append(took)
            self.clear()
        ours = statistics.median(made)
        return row(
            "tenants_vs_community_ratio",
            [item / ours for item in looped],
            looped,
            (before, os.getloadavg()[0]),
            unit="times",
            against=f"seconds of a loop over {modules}",
            bar=">= 100",
            note=f"the loop ran over {_LOOPED} tenants: extrapolated to {_MANY}; ours took {ours:.1f} s, its secrets were there",
        )

    def _loop(self) -> tuple[float, str]:
        """Schema and user of each tenant by the modules that there are, a task each."""
        regions, collection = self._regions, "ansible.mysql" if _has("ansible.mysql") else "community.mysql"
        endpoint = regions.endpoint(SHARED)
        host, _, port = regions.addresses[endpoint].partition(":")
        login = {
            "login_host": host,
            "login_port": int(port),
            "login_user": MASTER,
            "login_password": "{{ lookup('ansible.builtin.env', 'BENCH_PASSWORD') }}",
            "ca_cert": str(regions.lab.stack.settings.ca_certificate),
            # The tunnel's end isn't the name in the certificate.
            "check_hostname": False,
        }
        schema = {"name": "tenant{{ item }}", "encoding": "utf8mb4", "state": "present"}
        user = {
            "name": "tenant{{ item }}",
            "host": "%",
            "password": "A-password-{{ item }}",
            "priv": "tenant{{ item }}.*:SELECT,INSERT,UPDATE,DELETE,CREATE,DROP,INDEX,ALTER,EXECUTE,TRIGGER",
            "tls_requires": {"SSL": None},
            "resource_limits": {"MAX_USER_CONNECTIONS": 20},
            "column_case_sensitive": True,
        }
        tasks = [
            {
                f"{collection}.{module}": options | login,
                "name": name,
                "loop": "{{ range(0, count) | list }}",
                "no_log": True,
            }
            for module, options, name in (("mysql_db", schema, "Make schemas"), ("mysql_user", user, "Make users"))
        ]
        play = {
            "name": "Make tenants",
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {"count": _LOOPED, "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
            "tasks": tasks,
        }
        file = self._work / "loop.yml"
        file.write_text(yaml.safe_dump([play], sort_keys=False))
        environment = regions.lab.environment(administrator=True) | {
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "BENCH_PASSWORD": PASSWORD,
        }
        started = time.monotonic()
        ran = subprocess.run(
            ["ansible-playbook", str(file), "-i", "localhost,"],
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.monotonic() - started
        assert ran.returncode == 0, ran.stdout[-3000:]
        return took, f"{collection}.mysql_db and mysql_user"


def _has(collection: str) -> bool:
    listed = subprocess.run(
        ["ansible-galaxy", "collection", "list", "--format", "json", collection],
        capture_output=True,
        text=True,
        check=False,
    )
    return listed.returncode == 0 and any(collection in found for found in json.loads(listed.stdout or "{}").values())
