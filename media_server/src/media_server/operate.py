# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The commands of operators: take out a kept source, and recover what was deleted."""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from media_server.errors import MediaError, NotFoundError
from media_server.recovery import Deleted, Recovery
from media_server.services import Services
from media_server.store.names import check_id

COMMANDS = ("source", "deleted", "recover")


def run(services: Services, options: argparse.Namespace) -> int:
    """Run one of COMMANDS and return its exit code."""
    command = {"source": _source, "deleted": _show_deleted, "recover": _recover}[options.command]
    try:
        check_id("tenant", options.tenant)
        if options.asset is not None:
            check_id("asset", options.asset)
        return command(services, options)
    except MediaError as error:
        print(f"media-server: {error.message}", file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"media-server: {error}", file=sys.stderr)
    return 1


def _source(services: Services, options: argparse.Namespace) -> int:
    folders = services.assets.sources(options.tenant, options.asset)
    if not folders:
        raise NotFoundError("no-source", f"No source of {options.tenant}/{options.asset} is kept.")
    for number, folder in enumerate(folders):
        target = Path(f"{options.to}.{number}" if number else options.to)
        if target.exists():
            raise NotFoundError("file-exists", f"{target} exists already.")
        services.sources.read(options.tenant, options.asset, folder, target)
        print(f"{folder} {target}")
    return 0


def _found(services: Services, options: argparse.Namespace) -> tuple[Recovery, list[Deleted]]:
    recovery = Recovery(services.assets, services.tenant_keys)
    since = options.since.timestamp() if options.since else 0.0
    return recovery, recovery.deleted(options.tenant, options.asset, since)


def _show_deleted(services: Services, options: argparse.Namespace) -> int:
    for one in _found(services, options)[1]:
        at = datetime.datetime.fromtimestamp(one.at, datetime.UTC).isoformat(timespec="seconds")
        print(f"{at} {one.last.identity if one.last else 'gone'} {one.key}")
    return 0


def _recover(services: Services, options: argparse.Namespace) -> int:
    services.active_region.require()
    recovery, deleted = _found(services, options)
    recovery.restore(deleted)
    gone = [one.key for one in deleted if one.last is None]
    for key in gone:
        print(f"gone for good: {key}")
    print(f"recovered {len(deleted) - len(gone)} object(s)")
    failed = False
    for asset in [options.asset] if options.asset else services.assets.assets(options.tenant):
        problems = recovery.problems(options.tenant, asset)
        print(f"{options.tenant}/{asset}: {'; '.join(problems) or 'plays'}")
        failed = failed or bool(problems)
    return 1 if gone or failed else 0
