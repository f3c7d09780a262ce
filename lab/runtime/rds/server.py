# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Do what RDS does inside a MySQL server: its own users, the master user's rights, parameters, replication.

It comes in by the server's socket, which nobody but this machine's root can reach.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager

import pymysql
from pymysql.err import MySQLError, OperationalError

from lab.runtime.rds.configuration import SOCKET
from lab.runtime.rds.model import Database

_ADMIN, _REPLICATOR = "rdsadmin", "rdsrepladmin"

# What RDS gives the master user, and no more.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
_MASTER_RIGHTS = (
    *("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "RELOAD", "PROCESS", "REFERENCES", "INDEX", "ALTER"),
    *("SHOW DATABASES", "CREATE TEMPORARY TABLES", "LOCK TABLES", "EXECUTE", "REPLICATION SLAVE"),
    *("REPLICATION CLIENT", "CREATE VIEW", "SHOW VIEW", "CREATE ROUTINE", "ALTER ROUTINE", "CREATE USER", "EVENT"),
    *("TRIGGER", "CREATE ROLE", "DROP ROLE"),
)
_MASTER_DYNAMIC_RIGHTS = ("APPLICATION_PASSWORD_ADMIN", "ROLE_ADMIN", "SET_ANY_DEFINER", "XA_RECOVER_ADMIN")

_PROCEDURES = {
    "rds_kill": "IN processID BIGINT) SQL SECURITY DEFINER KILL CONNECTION processID",
    "rds_kill_query": "IN processID BIGINT) SQL SECURITY DEFINER KILL QUERY processID",
}

# RDS writes the time to every writer, fenced or not, and it is in the binary log: every 5 minutes, here more often.
_HEARTBEAT = (
    "CREATE TABLE IF NOT EXISTS mysql.rds_heartbeat2 (id INT PRIMARY KEY, value BIGINT)",
    f"CREATE DEFINER = {_ADMIN}@localhost EVENT IF NOT EXISTS mysql.ev_rds_heartbeat ON SCHEDULE EVERY 5 SECOND DO"
    " IF @@GLOBAL.read_only = 0 THEN REPLACE INTO mysql.rds_heartbeat2 VALUES (1, UNIX_TIMESTAMP() * 1000); END IF",
)

_UNKNOWN_VARIABLE, _NEEDS_RESTART = 1193, 1238


class ServerError(Exception):
    """The server did not do what RDS wants of it."""


@contextmanager
def session(pid: int, alive: Callable[[], bool], timeout: float = 120.0):
    """Yield a cursor of RDS's own user, as soon as the server answers."""
    deadline = time.monotonic() + timeout
    while (connection := _connected(pid)) is None:
        if not alive():
            raise ServerError("the server has ended before it answered")
        if time.monotonic() > deadline:
            raise ServerError(f"the server did not answer within {timeout:.0f} s")
        time.sleep(0.2)
    try:
        yield connection.cursor()
    except MySQLError as error:
        raise ServerError(str(error)) from error
    finally:
        connection.close()


def _connected(pid: int):
    path = f"/proc/{pid}/root{SOCKET}"
    for user in (_ADMIN, "root"):
        try:
            return pymysql.connect(unix_socket=path, user=user, autocommit=True)
        except OperationalError:
            continue
    return None


def set_up(cursor, database: Database, replication_password: str) -> None:
    """RDS's own users and procedures, the master user and the first schema; nothing that is there already."""
    cursor.execute("SET sql_log_bin = 0")
    cursor.execute(
        "SELECT COUNT(*) FROM mysql.user WHERE user = 'root' AND host = 'localhost' AND plugin <> 'auth_socket'"
    )
    began_empty = database.origin is None or database.origin[0] == "backup"
    if cursor.fetchone()[0] and began_empty:
        cursor.execute(f"RENAME USER root@localhost TO {_ADMIN}@localhost")
        cursor.execute(f"ALTER USER {_ADMIN}@localhost IDENTIFIED WITH auth_socket AS 'root'")
    cursor.execute(f"CREATE USER IF NOT EXISTS {_REPLICATOR}@'%%' IDENTIFIED BY %s REQUIRE SSL", [replication_password])
    # SYSTEM_USER: the master user can neither change nor drop it.
    cursor.execute(f"GRANT REPLICATION SLAVE, SYSTEM_USER ON *.* TO {_REPLICATOR}@'%'")
    cursor.execute("SELECT routine_name FROM information_schema.routines WHERE routine_schema = 'mysql'")
    there = {row[0] for row in cursor.fetchall()}
    for name in set(_PROCEDURES) - there:
        cursor.execute(f"CREATE PROCEDURE mysql.{name}({_PROCEDURES[name]}")
    for statement in _HEARTBEAT:
        cursor.execute(statement)
    cursor.execute("CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED BY %s", [database.username, database.password])
    for rights in (_MASTER_RIGHTS, _MASTER_DYNAMIC_RIGHTS):
        cursor.execute(f"GRANT {', '.join(rights)} ON *.* TO %s@'%%' WITH GRANT OPTION", [database.username])
    if database.database:
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{database.database.replace('`', '``')}`")
    cursor.execute("SET sql_log_bin = 1")


def set_password(cursor, database: Database) -> None:
    """Set the master user's password; replicas get it, too."""
    cursor.execute("ALTER USER %s@'%%' IDENTIFIED BY %s", [database.username, database.password])


def set_parameter(cursor, name: str, value: str | None) -> bool:
    """Put a parameter (None: its default) in force now; False where that takes a restart."""
    given = value if value is None or not value.lstrip("-").isdigit() else int(value)
    try:
        cursor.execute(
            f"SET GLOBAL `{name}` = {'DEFAULT' if given is None else '%s'}", [] if given is None else [given]
        )
    except MySQLError as error:
        if error.args[0] == _NEEDS_RESTART:
            return False
        if error.args[0] != _UNKNOWN_VARIABLE:
            raise
    return True


def start_events(cursor, wanted: str | None) -> None:
    """Let events run as the instance's group says; one that is disabled altogether stays off until the next restart."""
    if (wanted or "").upper() != "DISABLED":
        set_parameter(cursor, "event_scheduler", wanted)


def replicate(cursor, source: Database, password: str) -> None:
    """Begin to follow a source, by TLS that names it."""
    cursor.execute("STOP REPLICA")
    cursor.execute("RESET REPLICA ALL")
    cursor.execute(
        "CHANGE REPLICATION SOURCE TO SOURCE_HOST = %s, SOURCE_PORT = %s, SOURCE_USER = %s, SOURCE_PASSWORD = %s,"
        " SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1, SOURCE_SSL_CA = '/rds/tls/ca.pem',"
        " SOURCE_SSL_VERIFY_SERVER_CERT = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 1000000",
        [source.endpoint, source.port, _REPLICATOR, password],
    )
    cursor.execute("START REPLICA")


def resume(cursor) -> None:
    """Go on to follow a source after a restart."""
    cursor.execute("START REPLICA")


def leave(cursor) -> None:
    """Follow no source any more, once all that was received is applied; an applier that failed is not waited for."""
    cursor.execute("STOP REPLICA IO_THREAD")
    cursor.execute("SELECT received_transaction_set FROM performance_schema.replication_connection_status")
    received = cursor.fetchone()
    cursor.execute("SELECT MAX(last_error_number) FROM performance_schema.replication_applier_status_by_worker")
    failed = cursor.fetchone()[0]
    if received and received[0] and not failed:
        cursor.execute("START REPLICA SQL_THREAD")
        cursor.execute("SELECT WAIT_FOR_EXECUTED_GTID_SET(%s, 60)", [received[0]])
    cursor.execute("STOP REPLICA")
    cursor.execute("RESET REPLICA ALL")


def clone(cursor, folder: str) -> None:
    """Copy the data as they are at this moment into a folder that must not exist."""
    cursor.execute("CLONE LOCAL DATA DIRECTORY = %s", [folder])
