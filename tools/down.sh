#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Stops what this checkout started: the lab, then the Docker engine. Needs no set-up that is complete.
set -euo pipefail
if (($#)); then
    printf 'usage: %s\n' "$0" >&2
    exit 2
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The stamp is written last: without it the environment is half made and can't run the lab's programs.
if [[ -f .build/venv/.stamp ]]; then
    .build/venv/bin/python -m lab down
elif [[ -e .build/lab/run ]]; then
    printf 'down: a lab may be running, but the environment that stops it is incomplete.\nFix: run "make setup", then this again.\n' >&2
    exit 1
fi
if [[ -d .build/docker ]]; then
    tools/docker_engine.sh stop .build/docker
fi
