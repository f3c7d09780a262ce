# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""`lab up|down|restart|status|doctor|env|cut|slow|heal|clickhouse|interrupt`."""

from __future__ import annotations

import argparse
import shlex
import sys

from lab import settings
from lab.clickhouse import platform
from lab.doctor import examine
from lab.runtime.control_client import ControlError, ask
from lab.stack import LabError, ProcessError, Stack
from lab.status import page


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="lab", description="The platform's AWS account on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start what isn't running")
    up.add_argument("--no-networks", action="store_true", help="start no instances; needs neither root nor Docker")
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
    clickhouse = commands.add_parser("clickhouse", help="start a region's ClickHouse in the VPC that `make site` built")
    clickhouse.add_argument("region")
    clickhouse.add_argument("--stop", action="store_true")
    interrupt = commands.add_parser(
        "interrupt", help="announce to a spot instance that it will be taken away, and do so"
    )
    interrupt.add_argument("instance")
    interrupt.add_argument("--seconds", type=float, default=120.0, help="how long it has left (120, as on AWS)")
    heal = commands.add_parser("heal", help="undo cut and slow")
    heal.add_argument("region")
    return parser.parse_args(arguments)


def _print_environment(stack: Stack) -> None:
    for name, value in stack.environment(stack.operator_key()).items():
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
        case "clickhouse":
            _clickhouse(stack, options)
        case "interrupt":
            question = {"instance_id": options.instance, "seconds": options.seconds}
            if problem := ask(stack.settings.control_socket, "ec2-interrupt", question):
                raise LabError(problem)
        case _:
            _steer(stack, options)
    return 0


def _clickhouse(stack: Stack, options: argparse.Namespace) -> None:
    if options.stop:
        platform.server(stack, options.region).stop()
    else:
        _say(f"ClickHouse listens at {platform.start(stack, options.region).url}, for the region's instances only")


def _steer(stack: Stack, options: argparse.Namespace) -> None:
    """Cut, slow or heal a region's proxy."""
    mode = "open" if options.command != "cut" else "silent" if options.silent else "refuse"
    stack.control(options.region, mode, getattr(options, "milliseconds", 0))


def main(arguments: list[str] | None = None) -> int:
    options = _arguments(arguments)
    try:
        return _run(Stack(settings.current()), options)
    except (LabError, ProcessError, ControlError) as error:
        _say(f"lab: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
