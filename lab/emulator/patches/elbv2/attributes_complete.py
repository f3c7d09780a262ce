# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A load balancer and a target group tell all of their attributes, also those that nobody set.

The emulator tells three of each. The defaults are AWS's, of application load balancers and of targets that are instances.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
"""

from __future__ import annotations

import ministack.services.alb as alb

_OF_BALANCERS = {
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.prefix": "",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}
_OF_TARGET_GROUPS = {
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "slow_start.duration_seconds": "0",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "stickiness.lb_cookie.duration_seconds": "86400",
}


def _complete(describe, attributes, defaults: dict[str, str], owner: str):
    def described(params: dict) -> tuple:
        told = attributes.get(alb._p(params, owner))
        if told is not None:
            known = {attribute["Key"] for attribute in told}
            told += [{"Key": key, "Value": value} for key, value in defaults.items() if key not in known]
        return describe(params)

    return described


def apply() -> None:
    actions = alb._ACTION_MAP
    for kind, attributes, defaults, owner in (
        ("LoadBalancer", alb._lb_attrs, _OF_BALANCERS, "LoadBalancerArn"),
        ("TargetGroup", alb._tg_attrs, _OF_TARGET_GROUPS, "TargetGroupArn"),
    ):
        for action in (f"Describe{kind}Attributes", f"Modify{kind}Attributes"):
            actions[action] = _complete(actions[action], attributes, defaults, owner)
