# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Print the lab's status page: per region what runs, and per service what is real and what is simulated."""

from __future__ import annotations

import json
import time

from lab.runtime.control_client import ControlError, ask
from lab.settings import GLOBAL_REGION
from lab.stack import Stack

REGIONAL_SERVICES = {
    "S3": "real: bytes, versions, policies, lifecycle rules kept; replication copies at once, its delay is simulated",
    "KMS": "real: encrypts, decrypts and re-encrypts, under key policies; simulated: rotation, S3's use of it, encryption on disk",
    "DynamoDB": "real: items and conditional writes, in one process",
    "EC2 instances": "real unless --no-networks: systemd in a container, user data, role credentials; one image for every AMI",
    "EC2 network": "addresses and VPCs real unless --no-networks; routes, NACLs, security groups stored, not enforced",
    "Auto Scaling": "real: groups launch, probe, scale, drain, refresh and replace; hooks wait, nobody is notified of them",
    "Load balancers": "real unless --no-networks: HAProxy, TLS by the lab's authority, targets probed; one node, no WAF",
    "RDS for MySQL": "real unless --no-networks: MySQL 9.7 whatever the API says, TLS, replicas, snapshots; Multi-AZ is simulated",
    "ClickHouse": "real where started (`lab clickhouse`): the engine (chdb) behind ClickHouse's HTTP interface; no cluster",
    "CloudWatch": "real: metrics and alarms' states by their own statistics, SQS's and Auto Scaling's too; nobody is notified",
    "EC2 defaults": "simulated: EBS encryption, its key and IMDSv2 are kept; new volumes and instances don't follow them",
    "WAF": "simulated: web ACLs are kept, no request is filtered",
    "CloudWatch Logs": "simulated: log groups are kept, flow logs never arrive",
    "ACM": "simulated: no keys; a certificate stays pending until its record can be seen in the lab's DNS",
    "STS": "real: signatures and identities are checked",
}
GLOBAL_SERVICES = {
    "Route 53": "real: zones, records and health checks, answered and probed by the lab's DNS server; one prober, not AWS's many",
    "IAM": "real: every request's policies, boundary and key policy are evaluated (AUTH=true); root keys are not checked",
}


def collect(stack: Stack) -> dict:
    """Collect the page's facts: processes, one entry a region, and the patches in force."""
    processes = stack.processes()
    regions = {}
    for region, url in stack.endpoints.items():
        started = time.monotonic()
        answers = stack.answers(url)
        regions[region] = {
            "endpoint": url,
            "answers": answers,
            "latency_ms": round((time.monotonic() - started) * 1000) if answers else None,
            "control": stack.proxy_state(region),
            "services": REGIONAL_SERVICES | (GLOBAL_SERVICES if region == GLOBAL_REGION else {}),
        }
    return {
        "home": str(stack.settings.home),
        "logs": str(stack.settings.logs),
        "dns": stack.dns_server,
        "processes": {name: process.pid for name, process in processes.items()},
        "regions": regions,
        "patches": _patches(stack),
    }


def _patches(stack: Stack) -> list[str]:
    """Return the patches of the emulator that are in force; none where it does not run."""
    try:
        return ask(stack.settings.control_socket, "patches")
    except ControlError:
        return []


def page(stack: Stack, as_json: bool) -> str:
    """Return the facts as JSON or as text."""
    facts = collect(stack)
    if as_json:
        return json.dumps(facts, indent=2)
    lines = [f"home  {facts['home']}", f"logs  {facts['logs']}", f"dns   {facts['dns']}"]
    lines += [
        f"{'up  ' if pid else 'DOWN'}  {name:<24} {pid or ''}".rstrip() for name, pid in facts["processes"].items()
    ]
    for region, state in facts["regions"].items():
        answer = f"answers in {state['latency_ms']} ms" if state["answers"] else "DOES NOT ANSWER"
        mode, delay = state["control"]["mode"], state["control"]["delay_ms"]
        control = "" if (mode, delay) == ("open", 0) else f", proxy {mode}, {delay} ms slower"
        lines += ["", f"{region}  {state['endpoint']}  {answer}{control}"]
        lines += [f"  {service:<16} {truth}" for service, truth in state["services"].items()]
    lines += ["", "patches of the emulator: " + ", ".join(facts["patches"])]
    return "\n".join(lines)
