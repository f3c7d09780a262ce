# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code
from tests.support.groups import make_group


def aws_behaviour(clients) -> bool:
    """A protected instance outlasts a scale-in; taken back, it goes."""
    group = make_group(clients, "protected", "10.91", 2)
    scaling, name = group.api(), {"AutoScalingGroupName": group.name}
    first, second = group.instances()
    protect = {**name, "InstanceIds": [first]}
    if error_code(scaling.set_instance_protection, **protect, ProtectedFromScaleIn=True):
        return False
    scaling.set_desired_capacity(**name, DesiredCapacity=0)
    kept = group.instances() == [first]
    stranger = {**name, "InstanceIds": [second]}
    unknown = error_code(scaling.set_instance_protection, **stranger, ProtectedFromScaleIn=True) == "ValidationError"
    scaling.set_instance_protection(**protect, ProtectedFromScaleIn=False)
    gone = group.states() == {}
    group.delete()
    return kept and unknown and gone


def test_auto_scaling_instance_protection(patched_only):
    patched_only("autoscaling.instance_protection", aws_behaviour)
