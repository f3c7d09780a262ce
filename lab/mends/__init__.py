# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the emulator gets wrong, mended one fault a module.

A module here has a docstring that says what AWS does, and one function `mend()` that changes the emulator in place. It
runs in the emulator's environment. `tests/lab/mends/` holds a test for each, which fails on the emulator as it comes.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable

# In the order in which they are applied: a later one wraps what an earlier one put in place, and an instance of a group passes
# what they add in this order. Policies come before all else that looks at a group's capacity, targets are drained before a
# hook is waited for, and of two checks of one service the first that knows the action decides.
ORDER = (
    "acm_idempotency_token",
    "acm_key_algorithms",
    "acm_validation",
    "addresses_filtered",
    "auto_scaling_policies",
    "auto_scaling_capacity_rebalance",
    "auto_scaling_groups_described",
    "auto_scaling_instance_protection",
    "auto_scaling_instance_refresh",
    "auto_scaling_instances",
    "auto_scaling_target_groups",
    "auto_scaling_lifecycle_hooks",
    "auto_scaling_mixed_instances",
    "autoscaling_metric_math",
    "autoscaling_resources_checked",
    "bucket_owner_expected",
    "cloudwatch_alarm_periods",
    "cloudwatch_resources_checked",
    "dynamodb_tagging_checked",
    "ec2_account_defaults",
    "ec2_resources_checked",
    "elbv2_action_orders",
    "elbv2_attributes_complete",
    "elbv2_load_balancer_addresses",
    "elbv2_resources_checked",
    "elbv2_target_groups_named",
    "elbv2_target_health",
    "flow_log_attributes",
    "gateway_endpoint_routes",
    "iam_names_checked",
    "iam_policy_simulation",
    "instance_addresses",
    "instance_images",
    "instance_metadata_options",
    "instance_states",
    "instances_filtered",
    "kms_re_encrypt_checked",
    "kms_alias_checked",
    "kms_ciphertext_integrity",
    "kms_decryption_key",
    "kms_encryption_context_conditions",
    "kms_key_states",
    "kms_multi_region_ciphertexts",
    "kms_re_encrypt",
    "kms_replica_creating",
    "kms_replica_deletion",
    "kms_replica_rotation",
    "kms_resource_aliases",
    "kms_unusable_keys",
    "launch_template_instances",
    "launch_template_versions_deleted",
    "nat_gateway_addresses",
    "network_acl_associations",
    "network_acl_entries",
    "principal_arn_of_sessions",
    "queue_metrics",
    "rds_automated_backups",
    "rds_backup_replications_described",
    "rds_engine_default_parameters",
    "rds_instance_attributes",
    "rds_instance_endpoints",
    "rds_instance_states",
    "rds_parameters_known",
    "rds_read_replicas",
    "rds_resources_checked",
    "rds_snapshots",
    "region_enabled",
    "regions_known",
    "resource_tags_of_all_services",
    "route53_dnssec",
    "route53_health_check_booleans",
    "route53_health_check_status",
    "route53_name_servers",
    "routes_unique",
    "s3_account_public_access_block",
    "s3_batch_delete_versions",
    "s3_encryption_conditions",
    "s3_replication_keys",
    "s3_replication_role",
    "s3_replication_rules",
    "secret_replication_ended",
    "secrets_awaiting_deletion",
    "security_group_prefix_lists",
    "security_group_rule_descriptions",
    "service_quotas_answered",
    "spot_instances",
    "sqs_encrypted_by_default",
    "ssm_parameters_checked",
    "subnet_ranges",
    "tagging_acm_and_route53",
    "tagging_ec2_and_logs",
    "tagging_rds_and_secrets",
    "vpc_deletion_order",
    "vpc_endpoint_attributes",
    "vpc_peering_sides",
    "wafv2_resources_checked",
)


def names() -> list[str]:
    """The names of all mends, in the order in which they are applied."""
    return list(ORDER)


def apply(without: Iterable[str] = ()) -> None:
    """Mend the emulator; `without` leaves some faults in (all of them: `all`), for the tests that show them."""
    left_out = set(without)
    for name in names():
        if not left_out & {name, "all"}:
            importlib.import_module(f"{__name__}.{name}").mend()
