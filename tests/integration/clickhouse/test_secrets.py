# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Search for the login's password and S3's secret key in what the module prints and returns, and in what the server logs."""

from __future__ import annotations

import json


def test_no_secret_leaves_its_place(server, database, run_module):
    answers = run_module(
        {"name": "secret", "databases": [database]},
        {"name": "secret", "state": "verified", "verify": "scratch"},
        {"name": "secret", "state": "restored", "restore": {"databases": {database: f"{database}_s"}}},
        {"name": "secret2", "databases": ["nowhere"]},
        arguments=["-vvvv"],
    )
    assert [bool(answer.get("failed")) for answer in answers] == [False, False, False, True], answers
    server("SYSTEM FLUSH LOGS")
    logged = server("SELECT query, exception, toString(Settings) FROM system.query_log")
    backups = server("SELECT * FROM system.backups")
    stored = "".join(
        server.s3.get_object(Bucket=server.bucket, Key=key)["Body"].read().decode()
        for key in server.objects("secret")
        if key.rpartition("/")[2].startswith(".")
    )
    log_file = (server.process.stack.settings.logs / f"{server.process.process.name}.log").read_text()
    assert "BACKUP DATABASE" in logged
    assert "TO S3(`backups`" in logged
    for secret in (server.process.password, server.s3_secret):
        for place in (json.dumps(answers), run_module.output, logged, backups, stored, log_file):
            assert secret not in place
    server(f"DROP DATABASE {database}_s SYNC")
