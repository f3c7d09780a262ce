# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""`media-server` as a process of a test: `python -m tests.support.media_process serve|work --settings FILE`.

The messages of killed workers and failed jobs return after seconds instead of minutes, because the tests kill many.
"""

from __future__ import annotations

import sys

from media_server.jobs import queue, worker

from media_server import cli

queue.VISIBLE_AFTER_S = 8
worker.REST_S = 2
queue.Heartbeat.__init__.__kwdefaults__["every_s"] = 2.0

if __name__ == "__main__":
    sys.exit(cli.main())
