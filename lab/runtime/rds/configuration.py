# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Render the options file of a server: the lab's frame, and the parameters of the instance's group within it."""

from __future__ import annotations

from lab.runtime.rds.model import Database

DATA, SOCKET = "/rds/data", "/rds/mysqld.sock"
OPTIONS = "my.cnf"

# What a parameter group can override, where RDS's own default differs from MySQL's or this machine is small.
_DEFAULTS = {
    "gtid_mode": "ON",
    "enforce_gtid_consistency": "ON",
    "innodb_buffer_pool_size": "64M",
    "innodb_redo_log_capacity": "32M",
    "max_connections": "300",
    "performance_schema": "ON",
    "binlog_expire_logs_seconds": "86400",
}

_TRUTH = {"{TrueIfReplica}": ("0", "1")}


def effective(database: Database) -> dict[str, str]:
    """Return the parameters that the instance's group sets, as a server takes them.

    RDS's formulas of an instance class (`{DBInstanceClassMemory*3/4}`) say nothing about this machine: left out.
    """
    found = {}
    for name, (value, _at_once) in database.parameters.items():
        if value in _TRUTH:
            found[name] = _TRUTH[value][bool(database.source)]
        elif value and "{" not in value:
            found[name] = value
    return found


def read_only(database: Database) -> bool:
    """Return whether nobody but RDS itself may write: a replica's default."""
    value = effective(database).get("read_only", "1" if database.source else "0")
    return value.upper() in ("1", "ON", "TRUE")


def render(database: Database, *, applies_logs: bool = False) -> str:
    """Return the options file. Parameters that only RDS's release of MySQL knows are passed over (`loose`).

    While a server applies the logs of a backup, no event may write beside them.
    """
    parameters = effective(database)
    parameters.pop("read_only", None)
    chosen = {name: value for name, value in _DEFAULTS.items() if name not in parameters}
    frame = {
        "datadir": DATA,
        "socket": SOCKET,
        "pid_file": "/rds/mysqld.pid",
        "secure_file_priv": "NULL",
        "user": "mysql",
        "port": database.port,
        "server_id": database.server_id,
        "mysqlx": "OFF",
        "skip_name_resolve": "ON",
        "log_bin": f"{DATA}/binlog",
        "relay_log": f"{DATA}/relay",
        "plugin_load_add": "mysql_clone.so",
        "plugin-load-add": "auth_socket.so",
        # Replication begins once the lab knows what this server is.
        "skip_replica_start": "ON",
        "read_only": "ON" if read_only(database) else "OFF",
        "ssl_ca": "/rds/tls/ca.pem",
        "ssl_cert": "/rds/tls/server.pem",
        "ssl_key": "/rds/tls/server.key",
        "tls_version": "TLSv1.2,TLSv1.3",
    } | ({"event_scheduler": "OFF"} if applies_logs else {})
    lines = [f"{name}={value}" for name, value in (chosen | frame).items()]
    lines += [f"loose_{name}={value}" for name, value in parameters.items() if name not in frame]
    return "\n".join(["[mysqld]", *lines, ""])
