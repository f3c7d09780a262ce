# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A MySQL parameter group lists MySQL's parameters with their types and the values they take, and refuses others.

AWS lists some five hundred with their types and allowed values, refuses an unknown one, a value in a word that the parameter
doesn't take (ON where it takes 1), and a static one without a reboot. The emulator lists five, so that whoever looks a parameter
up before setting it finds none, says of each that it is a string, and takes every name and value. Here are those that somebody may
well set.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html
"""

from __future__ import annotations

import ministack.services.rds as rds

from lab.emulator.state import databases

# Name: RDS's default where it has one, else nothing (the engine's).
_DYNAMIC = {
    **dict.fromkeys(("autocommit", "binlog_order_commits", "event_scheduler", "explicit_defaults_for_timestamp"), ""),
    **dict.fromkeys(
        ("general_log", "innodb_print_all_deadlocks", "local_infile", "log_bin_trust_function_creators"), ""
    ),
    **dict.fromkeys(("partial_revokes", "require_secure_transport", "slow_query_log", "super_read_only"), ""),
    **dict.fromkeys(
        ("binlog_expire_logs_seconds", "connect_timeout", "group_concat_max_len", "innodb_io_capacity"), ""
    ),
    **dict.fromkeys(("innodb_lock_wait_timeout", "interactive_timeout", "join_buffer_size", "long_query_time"), ""),
    **dict.fromkeys(("max_allowed_packet", "max_connect_errors", "max_execution_time", "max_heap_table_size"), ""),
    **dict.fromkeys(("max_user_connections", "net_read_timeout", "net_write_timeout", "password_history"), ""),
    **dict.fromkeys(
        ("password_reuse_interval", "replica_net_timeout", "replica_parallel_workers", "sort_buffer_size"), ""
    ),
    **dict.fromkeys(("table_open_cache", "thread_cache_size", "tmp_table_size", "wait_timeout"), ""),
    **dict.fromkeys(("binlog_row_image", "character_set_server", "collation_server", "init_connect", "sql_mode"), ""),
    **dict.fromkeys(
        ("default_password_lifetime", "time_zone", "transaction_isolation", "log_output", "tls_version"), ""
    ),
    "binlog_format": "ROW",
    "innodb_buffer_pool_size": "{DBInstanceClassMemory*3/4}",
    "innodb_flush_log_at_trx_commit": "1",
    "innodb_redo_log_capacity": "",
    "max_connections": "{DBInstanceClassMemory/12582880}",
    "read_only": "{TrueIfReplica}",
    "sync_binlog": "1",
}
_STATIC = {
    "enforce_gtid_consistency": "OFF",
    # Spelled as RDS spells it.
    "gtid-mode": "OFF_PERMISSIVE",
    **dict.fromkeys(
        ("authentication_policy", "back_log", "innodb_buffer_pool_instances", "innodb_ft_min_token_size"), ""
    ),
    **dict.fromkeys(
        ("innodb_log_buffer_size", "innodb_read_io_threads", "innodb_write_io_threads", "log_replica_updates"), ""
    ),
    **dict.fromkeys(("lower_case_table_names", "open_files_limit", "performance_schema", "relay_log_recovery"), ""),
    **dict.fromkeys(("performance_schema_max_thread_instances", "skip_name_resolve", "table_open_cache_instances"), ""),
}


_BOOLEAN = ("boolean", "0,1")
# What isn't here is a string of any value.
_TYPES = {
    **dict.fromkeys(("autocommit", "binlog_order_commits", "explicit_defaults_for_timestamp", "general_log"), _BOOLEAN),
    **dict.fromkeys(("innodb_print_all_deadlocks", "local_infile", "log_bin_trust_function_creators"), _BOOLEAN),
    **dict.fromkeys(("log_replica_updates", "partial_revokes", "performance_schema", "relay_log_recovery"), _BOOLEAN),
    **dict.fromkeys(("require_secure_transport", "skip_name_resolve", "slow_query_log", "super_read_only"), _BOOLEAN),
    "read_only": ("boolean", "0,1,{TrueIfReplica}"),
    "event_scheduler": ("string", "ON,OFF,DISABLED"),
    "enforce_gtid_consistency": ("string", "OFF,WARN,ON"),
    "gtid-mode": ("string", "OFF,OFF_PERMISSIVE,ON_PERMISSIVE,ON"),
    "binlog_format": ("string", "ROW,STATEMENT,MIXED"),
    "binlog_row_image": ("string", "full,minimal,noblob"),
    "binlog_expire_logs_seconds": ("integer", "0-4294967295"),
    "connect_timeout": ("integer", "2-31536000"),
    "innodb_buffer_pool_size": ("integer", "5242880-9223372036854775807"),
    "innodb_flush_log_at_trx_commit": ("integer", "0-2"),
    "innodb_lock_wait_timeout": ("integer", "1-1073741824"),
    "innodb_io_capacity": ("integer", "100-18446744073709551615"),
    "interactive_timeout": ("integer", "1-31536000"),
    "long_query_time": ("float", "0-31536000"),
    "lower_case_table_names": ("integer", "0,1"),
    "max_allowed_packet": ("integer", "1024-1073741824"),
    "max_connect_errors": ("integer", "1-9223372036854775807"),
    "max_connections": ("integer", "1-100000"),
    "max_execution_time": ("integer", "0-4294967295"),
    "max_user_connections": ("integer", "0-4294967295"),
    "net_read_timeout": ("integer", "1-31536000"),
    "net_write_timeout": ("integer", "1-31536000"),
    "sort_buffer_size": ("integer", "32768-18446744073709551615"),
    "sync_binlog": ("integer", "0-4294967295"),
    "wait_timeout": ("integer", "1-31536000"),
}


def _listed(kind: str, parameters: dict[str, str]) -> list[dict]:
    return [
        {
            "name": name,
            "default": value,
            "description": "",
            "apply_type": kind,
            "data_type": _TYPES.get(name, ("string", ""))[0],
        }
        for name, value in sorted(parameters.items())
    ]


def _takes(name: str, value: str) -> bool:
    """Return whether a parameter takes a value. A formula stands for a number."""
    kind, allowed = _TYPES.get(name, ("string", ""))
    choices = [item for item in allowed.split(",") if item]
    if not choices or value in choices or (kind == "integer" and "{" in value):
        return True
    if kind != "integer":
        return kind == "float"
    ranges = [item.partition("-") for item in choices if "-" in item]
    return value.isdecimal() and any(int(least) <= int(value) <= int(most) for least, _dash, most in ranges)


def _named(params: dict) -> dict[str, tuple[str, str]]:
    """Return the parameters that a request names, with how they are to be applied, and their values."""
    prefix, number, found = rds._parameter_member_prefix(params), 1, {}
    while name := rds._p(params, f"{prefix}.{number}.ParameterName"):
        method = rds._p(params, f"{prefix}.{number}.ApplyMethod") or "immediate"
        found[name] = method, rds._p(params, f"{prefix}.{number}.ParameterValue")
        number += 1
    return found


def apply() -> None:
    defaults, modify = rds._default_parameters_for_family, rds._ACTION_MAP["ModifyDBParameterGroup"]
    described = rds._parameter_xml
    listed = [*_listed("dynamic", _DYNAMIC), *_listed("static", _STATIC)]

    def parameters_of(family):
        return listed if family.lower().startswith("mysql8.") else defaults(family)

    def modify_known(params):
        group = rds._param_groups.get(rds._p(params, "DBParameterGroupName"))
        if group and group["DBParameterGroupFamily"].startswith("mysql8."):
            for name, (method, value) in _named(params).items():
                if name not in _DYNAMIC and name not in _STATIC:
                    return databases.refusal("InvalidParameterValue", f"Could not find parameter with name: {name}")
                if name in _STATIC and method == "immediate":
                    message = f"cannot use immediate apply method for static parameter {name}"
                    return databases.refusal("InvalidParameterCombination", message)
                if not _takes(name, value):
                    message = f"Invalid parameter value: {value} for: {name} allowed values are: {_TYPES[name][1]}"
                    return databases.refusal("InvalidParameterValue", message)
        return modify(params)

    def with_allowed_values(name, *rest, **others):
        text = described(name, *rest, **others)
        allowed = _TYPES.get(name, ("", ""))[1]
        return (
            text.replace("</Parameter>", f"<AllowedValues>{allowed}</AllowedValues></Parameter>") if allowed else text
        )

    rds._parameter_xml = with_allowed_values
    rds._default_parameters_for_family = parameters_of
    rds._ACTION_MAP["ModifyDBParameterGroup"] = modify_known
