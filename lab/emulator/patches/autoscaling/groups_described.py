# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An Auto Scaling group is described whole, takes every change of UpdateAutoScalingGroup, and knows its processes and metrics.

The emulator leaves out load balancers, target groups, metrics and suspended processes, shows an empty launch configuration,
gives the launch template's id for its name, and ignores a changed template: amazon.aws.autoscaling_group fails on what is missing.
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html
"""

from __future__ import annotations

import ministack.services.autoscaling as scaling

from lab.emulator.autoscaling.launches import found_template, subnets
from lab.emulator.autoscaling.requests import empty, on_group, settled

_NUMBERS = (
    *("MinSize", "MaxSize", "DesiredCapacity", "DefaultCooldown", "HealthCheckGracePeriod"),
    *("MaxInstanceLifetime", "DefaultInstanceWarmup"),
)
_TEXTS = ("HealthCheckType", "VPCZoneIdentifier", "PlacementGroup")
_LISTS = ("TerminationPolicies", "LoadBalancerNames", "TargetGroupARNs")
_PLAIN = ("AutoScalingGroupName", "AutoScalingGroupARN", *_NUMBERS[:5], *_TEXTS[:2], "CreatedTime", *_LISTS)
_OPTIONAL = (
    *("LaunchTemplate", "LaunchConfigurationName", "MixedInstancesPolicy", "CapacityRebalance"),
    *("PlacementGroup", "Status", *_NUMBERS[5:]),
)
_PROCESSES = (
    *("Launch", "Terminate", "AddToLoadBalancer", "AlarmNotification", "AZRebalance", "HealthCheck"),
    *("InstanceRefresh", "ReplaceUnhealthy", "ScheduledActions"),
)
_METRICS = (
    *("GroupMinSize", "GroupMaxSize", "GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances"),
    *("GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"),
)


def _template(params):
    """Return the launch template that a request names, by id and name both as AWS shows it; None where it names none."""
    asked = scaling._parse_nested(params, "LaunchTemplate")
    if not asked:
        return None, None
    found = found_template(asked)
    if found:
        return found, None
    message = "You must use a valid fully-formed launch template. The specified launch template does not exist"
    return None, scaling._error("ValidationError", message)


def _settle(group, params, template):
    """Write what a request says into a group; what it leaves out stays."""
    given = {key: scaling._p(params, key) for key in (*_NUMBERS, *_TEXTS)}
    group |= {key: int(value) if key in _NUMBERS else value for key, value in given.items() if value != ""}
    group |= {key: values for key in _LISTS if (values := scaling._parse_member_list(params, key))}
    protected = scaling._p(params, "NewInstancesProtectedFromScaleIn")
    if protected:
        group["NewInstancesProtectedFromScaleIn"] = protected == "true"
    if template:
        group["LaunchTemplate"] = template
    for settle in settled:
        settle(group, params)
    group["AvailabilityZones"] = sorted(subnets(group)) or group["AvailabilityZones"]


def _size_problem(group, params):
    sizes = {key: int(scaling._p(params, key) or group.get(key, 0)) for key in _NUMBERS[:3]}
    if sizes["MinSize"] <= sizes["DesiredCapacity"] <= sizes["MaxSize"]:
        return None
    message = (
        "Desired capacity: {DesiredCapacity} must be between the specified min size: {MinSize} and max size: {MaxSize}"
    )
    return scaling._error("ValidationError", message.format(**sizes))


def _group_xml(group):
    shown = {key: group.get(key, []) for key in _PLAIN} | {
        "AvailabilityZones": group["AvailabilityZones"],
        "NewInstancesProtectedFromScaleIn": group["NewInstancesProtectedFromScaleIn"],
        "Tags": group["Tags"],
        "SuspendedProcesses": [
            {"ProcessName": name, "SuspensionReason": "User suspended"} for name in group.get("_suspended", [])
        ],
        "EnabledMetrics": [{"Metric": name, "Granularity": "1Minute"} for name in group.get("_metrics", [])],
    }
    shown |= {key: group[key] for key in _OPTIONAL if group.get(key)}
    return f"<member>{scaling._member_xml(shown)}{_instances_xml(group)}</member>"


def _instances_xml(group):
    members = "".join(scaling._instance_member_xml(item) for item in group["Instances"])
    return f"<Instances>{members}</Instances>"


def _filter(params):
    """Return the tag filters of a request, as `tag:KEY` to values."""
    filters, number = {}, 1
    while name := scaling._p(params, f"Filters.member.{number}.Name"):
        filters[name] = scaling._parse_member_list(params, f"Filters.member.{number}.Values")
        number += 1
    return filters


def _matches(group, filters):
    tags = {f"tag:{tag['Key']}": tag["Value"] for tag in group["Tags"]}
    return all(tags.get(name) in values for name, values in filters.items() if name.startswith("tag:"))


def _describe(params):
    names, filters = scaling._parse_member_list(params, "AutoScalingGroupNames"), _filter(params)
    found = [
        group for name, group in scaling._asgs.items() if (not names or name in names) and _matches(group, filters)
    ]
    inner = "".join(_group_xml(group) for group in found)
    answer = f"<DescribeAutoScalingGroupsResult><AutoScalingGroups>{inner}</AutoScalingGroups></DescribeAutoScalingGroupsResult>"
    return scaling._xml(200, "DescribeAutoScalingGroupsResponse", answer)


def _switch(action, prefix, key, everything, on):
    """Return an action that adds names to a list of the group, or takes them out; none named means all."""

    def switch(group, params):
        named = set(scaling._parse_member_list(params, prefix)) or set(everything)
        current = set(group.get(key, []))
        group[key] = sorted(current | named if on else current - named)
        return empty(action)

    return on_group(switch)


def apply() -> None:
    create, update = scaling._ACTION_MAP["CreateAutoScalingGroup"], scaling._ACTION_MAP["UpdateAutoScalingGroup"]

    def create_whole(params):
        template, problem = _template(params)
        sizes = {"DesiredCapacity": scaling._p(params, "MinSize") or 0}
        problem = problem or _size_problem(sizes, params)
        name = scaling._p(params, "AutoScalingGroupName")
        if problem or name in scaling._asgs:
            return problem or create(params)
        # The group launches once it is complete.
        grace = {"HealthCheckGracePeriod": "0"} if not scaling._p(params, "HealthCheckGracePeriod") else {}
        answer = create(params | {"DesiredCapacity": "0", "MinSize": "0"})
        if answer[0] == 200:
            desired = scaling._p(params, "DesiredCapacity") or scaling._p(params, "MinSize") or "0"
            _settle(scaling._asgs[name], params | {"DesiredCapacity": desired} | grace, template)
            scaling._reconcile_instances(scaling._asgs[name])
        return answer

    def update_whole(group, params):
        template, problem = _template(params)
        problem = problem or _size_problem(group, params)
        if problem:
            return problem
        _settle(group, params, template)
        return update(params)

    scaling._ACTION_MAP |= {
        "CreateAutoScalingGroup": create_whole,
        "UpdateAutoScalingGroup": on_group(update_whole),
        "DescribeAutoScalingGroups": _describe,
        "SuspendProcesses": _switch("SuspendProcesses", "ScalingProcesses", "_suspended", _PROCESSES, on=True),
        "ResumeProcesses": _switch("ResumeProcesses", "ScalingProcesses", "_suspended", _PROCESSES, on=False),
        "EnableMetricsCollection": _switch("EnableMetricsCollection", "Metrics", "_metrics", _METRICS, on=True),
        "DisableMetricsCollection": _switch("DisableMetricsCollection", "Metrics", "_metrics", _METRICS, on=False),
    }
