# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Correct what the emulator gets wrong: one fault a module, a folder a service, in the order of `ORDER`.

A patch has a docstring that says what AWS does and what the emulator does instead, and a function `apply()` that changes the
emulator in place. Its test in `tests/lab/patches/` fails on the emulator as it comes.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable

# A later patch wraps what an earlier one put in place, and an instance of a group passes what they add in this order. Scaling
# policies come before all else that looks at a group's capacity, targets are drained before a hook is waited for, and of
# two checks of one service the first that knows the action decides. Tags are checked on what all other checks come to.
ORDER = (
    "iam.tags_on_creation",
    "acm.idempotency_token",
    "acm.key_algorithms",
    "acm.validation",
    "ec2.addresses_filtered",
    "autoscaling.policies",
    "autoscaling.capacity_rebalance",
    "autoscaling.groups_described",
    "autoscaling.instance_protection",
    "autoscaling.instance_refresh",
    "autoscaling.instances",
    "autoscaling.target_groups",
    "autoscaling.lifecycle_hooks",
    "autoscaling.mixed_instances",
    "autoscaling.metric_math",
    "autoscaling.resources_checked",
    "autoscaling.launches_tried",
    "s3.bucket_owner_expected",
    "cloudwatch.alarm_periods",
    "cloudwatch.resources_checked",
    "dynamodb.tagging_checked",
    "ec2.account_defaults",
    "ec2.resources_checked",
    "elbv2.action_orders",
    "elbv2.attributes_complete",
    "elbv2.load_balancer_addresses",
    "elbv2.resources_checked",
    "elbv2.target_groups_named",
    "elbv2.target_health",
    "ec2.flow_log_attributes",
    "ec2.gateway_endpoint_routes",
    "iam.names_checked",
    "iam.new_roles_lag",
    "iam.policy_simulation",
    "ec2.instance_addresses",
    "ec2.instance_images",
    "ec2.instance_metadata_options",
    "ec2.instance_states",
    "ec2.instances_filtered",
    "kms.re_encrypt_checked",
    "kms.alias_checked",
    "kms.ciphertext_integrity",
    "kms.decryption_key",
    "kms.encryption_context_conditions",
    "kms.key_states",
    "kms.multi_region_ciphertexts",
    "kms.policy_principals",
    "kms.re_encrypt",
    "kms.replica_creating",
    "kms.replica_deletion",
    "kms.replica_rotation",
    "kms.resource_aliases",
    "kms.unusable_keys",
    "ec2.launch_template_instances",
    "ec2.launch_template_versions_deleted",
    "ec2.nat_gateway_addresses",
    "ec2.network_acl_associations",
    "ec2.network_acl_entries",
    "iam.boundary_keys",
    "iam.default_policy_versions",
    "iam.principal_arn_of_sessions",
    "iam.roles_passed",
    "cloudwatch.queue_metrics",
    "rds.automated_backups",
    "rds.backup_replications_described",
    "rds.engine_default_parameters",
    "rds.instance_attributes",
    "rds.instance_endpoints",
    "rds.instance_states",
    "rds.orderable_options",
    "rds.parameters_known",
    "rds.read_replicas",
    "rds.resources_checked",
    "rds.snapshots",
    "rds.storage_only_grows",
    "rds.point_in_time_restores",
    "account.region_enabled",
    "account.regions_known",
    "tagging.all_services",
    "route53.dnssec",
    "route53.health_check_booleans",
    "route53.health_check_resets",
    "route53.health_check_status",
    "route53.name_servers",
    "ec2.routes_unique",
    "s3.account_public_access_block",
    "s3.batch_delete_versions",
    "s3.encryption_conditions",
    "s3.replication_keys",
    "s3.replication_role",
    "s3.replication_rules",
    "secretsmanager.keys_listed",
    "secretsmanager.replica_keys",
    "secretsmanager.replication_fails",
    "secretsmanager.secret_replication_ended",
    "secretsmanager.secrets_awaiting_deletion",
    "ec2.security_group_prefix_lists",
    "ec2.security_group_rule_descriptions",
    "servicequotas.service_quotas_answered",
    "ec2.spot_instances",
    "sqs.encrypted_by_default",
    "ssm.parameters_checked",
    "ec2.subnet_ranges",
    "tagging.acm_and_route53",
    "tagging.ec2_and_logs",
    "tagging.rds_and_secrets",
    "tagging.deleted_listed",
    "ec2.volume_keys",
    "ec2.vpc_deletion_order",
    "ec2.vpc_endpoint_attributes",
    "ec2.vpc_peering_sides",
    "wafv2.resources_checked",
)


def apply(without: Iterable[str] = ()) -> list[str]:
    """Patch the emulator and return the names of the patches; `without` leaves some out (all of them: `all`), as the tests do."""
    left_out = set(without) - {""}
    if unknown := left_out - {*ORDER, "all"}:
        raise ValueError(f"no such patches: {', '.join(sorted(unknown))}")
    names = [] if "all" in left_out else [name for name in ORDER if name not in left_out]
    for name in names:
        importlib.import_module(f"{__name__}.{name}").apply()
    return names
