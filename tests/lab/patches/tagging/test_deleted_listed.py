# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import time

from tests.support.lags import lagging
from tests.support.tagging import listed

TAGS = {"platform": "tagging-lag-test"}


def aws_behaviour(clients) -> bool:
    """What was deleted is listed for a while, in its region."""
    ec2 = clients("ec2")
    tags = [{"ResourceType": "volume", "Tags": [{"Key": key, "Value": value} for key, value in TAGS.items()]}]
    volume = ec2.create_volume(AvailabilityZone="me-west-1a", Size=1, TagSpecifications=tags)["VolumeId"]
    with lagging(clients, listed=1):
        if len(listed(clients, "me-west-1", TAGS)) != 1:
            return False
        ec2.delete_volume(VolumeId=volume)
        at_first, elsewhere = listed(clients, "me-west-1", TAGS), listed(clients, "eu-central-1", TAGS)
        time.sleep(1.1)
        return len(at_first) == 1 and not elsewhere and not listed(clients, "me-west-1", TAGS)


def test_tagging_deleted_listed(patched_only):
    patched_only("tagging.deleted_listed", aws_behaviour)
