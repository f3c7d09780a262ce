# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""media-server serve | work | check

  serve   answer HTTP requests
  work    package uploads and rotate keys, from the job queue
  check   run the readiness checks of /readyz and print the result

The settings are read from the JSON file in MEDIA_SERVER_SETTINGS, or from --settings.

Exit codes: 0 stopped on request, or ready; 1 could not start, did not stop in time, or not ready; 2 wrong settings or
arguments.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from media_server.logs import configure
from media_server.settings import SettingsError, read_settings

# Clients of the server time out.
ANSWERED_WITHIN_S = 15.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        "media-server", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("serve", "work", "check"))
    parser.add_argument("--settings", metavar="FILE", help="settings file (default: $MEDIA_SERVER_SETTINGS)")
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    options = parser.parse_args(arguments)
    try:
        settings = read_settings(options.settings)
    except SettingsError as error:
        print(f"media-server: {error}", file=sys.stderr)
        return 2
    configure(options.log_level)
    # Imported late, because it takes a second: a wrong setting is reported at once.
    from media_server.readiness import Readiness
    from media_server.services import Services
    from media_server.serving import serve, work

    if options.command == "work":
        return work(Services(settings))
    services = Services(settings, patience_s=ANSWERED_WITHIN_S)
    if options.command == "serve":
        return serve(services)
    answer = Readiness(services).check()
    print(json.dumps(answer.to_json(), indent=2))
    return 0 if answer.ready else 1


if __name__ == "__main__":
    sys.exit(main())
