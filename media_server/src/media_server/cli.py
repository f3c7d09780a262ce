# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""media-server serve | work | check | source TENANT ASSET | deleted TENANT [ASSET] | recover TENANT [ASSET]

  serve     answer HTTP requests
  work      package uploads and rotate keys, from the job queue
  check     run the readiness checks of /readyz and print the result
  source    decrypt the kept source of an asset into --to FILE; several sources get a number
  deleted   list what was deleted of a tenant or an asset, and can be recovered
  recover   recover it

The settings are read from the JSON file in MEDIA_SERVER_SETTINGS, or from --settings.

Exit codes: 0 stopped on request, or ready, or done; 1 could not start, did not stop in time, not ready, or not all was done;
2 wrong settings or arguments.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Sequence

from media_server.logs import configure
from media_server.settings import SettingsError, read_settings

# Clients of the server time out.
ANSWERED_WITHIN_S = 15.0
_COMMANDS = ("serve", "work", "check", "source", "deleted", "recover")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parsed(arguments)
    try:
        settings = read_settings(options.settings)
    except SettingsError as error:
        print(f"media-server: {error}", file=sys.stderr)
        return 2
    configure(options.log_level)
    # Imported late, because it takes a second: a wrong setting is reported at once.
    from media_server import operate
    from media_server.readiness import Readiness
    from media_server.services import Services
    from media_server.serving import serve, work

    if options.command == "work":
        return work(Services(settings))
    if options.command in operate.COMMANDS:
        return operate.run(Services(settings), options)
    services = Services(settings, patience_s=ANSWERED_WITHIN_S)
    if options.command == "serve":
        return serve(services)
    answer = Readiness(services).check()
    print(json.dumps(answer.to_json(), indent=2))
    return 0 if answer.ready else 1


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "media-server", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=_COMMANDS)
    parser.add_argument("tenant", nargs="?")
    parser.add_argument("asset", nargs="?")
    parser.add_argument("--settings", metavar="FILE", help="settings file (default: $MEDIA_SERVER_SETTINGS)")
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    parser.add_argument("--to", metavar="FILE", help="source: the file to write")
    parser.add_argument(
        "--since",
        metavar="TIME",
        type=datetime.datetime.fromisoformat,
        help="deleted, recover: only what was deleted since then, such as 2026-11-30T12:00:00+00:00",
    )
    options = parser.parse_args(arguments)
    named = options.command in ("source", "deleted", "recover")
    if named != bool(options.tenant) or (options.command == "source") > bool(options.asset and options.to):
        parser.error("name the tenant for deleted and recover, and tenant, asset and --to for source")
    if options.since is not None and options.since.tzinfo is None:
        parser.error("--since needs a time zone, such as +00:00")
    return options


if __name__ == "__main__":
    sys.exit(main())
