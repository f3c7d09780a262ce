# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A MySQL parameter group lists MySQL's parameters, and refuses others.

AWS lists some five hundred with their types, refuses an unknown one, and a static one without a reboot. The emulator lists five, so
that whoever looks a parameter up before setting it finds none, and takes every name. Here are those that somebody may well set.
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


def _listed(kind: str, parameters: dict[str, str]) -> list[dict]:
    return [
        {"name": name, "default": value, "description": "", "apply_type": kind, "data_type": "string"}
        for name, value in sorted(parameters.items())
    ]


def _named(params: dict) -> dict[str, str]:
    """Return the parameters that a request names, with how they are to be applied."""
    prefix, number, found = rds._parameter_member_prefix(params), 1, {}
    while name := rds._p(params, f"{prefix}.{number}.ParameterName"):
        found[name] = rds._p(params, f"{prefix}.{number}.ApplyMethod") or "immediate"
        number += 1
    return found


def apply() -> None:
    defaults, modify = rds._default_parameters_for_family, rds._ACTION_MAP["ModifyDBParameterGroup"]
    listed = [*_listed("dynamic", _DYNAMIC), *_listed("static", _STATIC)]

    def parameters_of(family):
        return listed if family.lower().startswith("mysql8.") else defaults(family)

    def modify_known(params):
        group = rds._param_groups.get(rds._p(params, "DBParameterGroupName"))
        if group and group["DBParameterGroupFamily"].startswith("mysql8."):
            for name, method in _named(params).items():
                if name not in _DYNAMIC and name not in _STATIC:
                    return databases.refusal("InvalidParameterValue", f"Could not find parameter with name: {name}")
                if name in _STATIC and method == "immediate":
                    message = f"cannot use immediate apply method for static parameter {name}"
                    return databases.refusal("InvalidParameterCombination", message)
        return modify(params)

    rds._default_parameters_for_family = parameters_of
    rds._ACTION_MAP["ModifyDBParameterGroup"] = modify_known
