# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""`lab up|down|restart|status|doctor|env|cut|slow|heal`."""

from __future__ import annotations

import argparse
import json
import shlex
import sys

from lab import settings
from lab.doctor import examine
from lab.stack import LabError, NetworkError, ProcessError, Stack
from lab.status import page


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="lab", description="The platform's AWS account on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start what isn't running")
    up.add_argument("--no-networks", action="store_true", help="listen on loopback only; needs no Docker engine")
    down = commands.add_parser("down", help="stop everything; state is kept")
    down.add_argument("--purge", action="store_true", help="remove state, keys and logs too")
    commands.add_parser("restart", help="stop and start; state is kept")
    status = commands.add_parser("status", help="what runs, and what of it is real or simulated")
    status.add_argument("--json", action="store_true")
    commands.add_parser("doctor", help="find what keeps the lab from working")
    commands.add_parser("env", help="print the shell variables that lead to the lab (`. lab/env`)")
    cut = commands.add_parser("cut", help="make a region's API unreachable")
    cut.add_argument("region")
    cut.add_argument("--silent", action="store_true", help="answer nothing instead of refusing")
    slow = commands.add_parser("slow", help="delay a region's API")
    slow.add_argument("region")
    slow.add_argument("milliseconds", type=int)
    heal = commands.add_parser("heal", help="undo cut and slow")
    heal.add_argument("region")
    return parser.parse_args(arguments)


def _print_environment(stack: Stack) -> None:
    key = stack.operator_key()
    variables = {
        "LAB_ENDPOINTS": json.dumps(stack.endpoints),
        "LAB_DNS": stack.dns_server,
        "AWS_CA_BUNDLE": str(stack.settings.ca_certificate),
        "AWS_ACCESS_KEY_ID": key["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": key["secret"],
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")


def _run(stack: Stack, options: argparse.Namespace) -> int:
    match options.command:
        case "up":
            stack.up(_say, with_networks=not options.no_networks)
        case "down":
            stack.down(options.purge, _say)
        case "restart":
            stack.down(False, _say)
            stack.up(_say)
        case "status":
            print(page(stack, as_json=options.json))
        case "doctor":
            return examine(stack, _say)
        case "env":
            _print_environment(stack)
        case _:
            _steer(stack, options)
    return 0


def _steer(stack: Stack, options: argparse.Namespace) -> None:
    """Cut, slow or heal a region's front."""
    mode = "open" if options.command != "cut" else "silent" if options.silent else "refuse"
    stack.control(options.region, mode, getattr(options, "milliseconds", 0))


def main(arguments: list[str] | None = None) -> int:
    options = _arguments(arguments)
    try:
        return _run(Stack(settings.current()), options)
    except (LabError, NetworkError, ProcessError) as error:
        _say(f"lab: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
