# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import json

from botocore.exceptions import ClientError


def aws_behaviour(clients) -> bool:
    """A right on web ACLs by their ARN is good for reading one's tags; another action stays refused."""
    iam, waf = clients("iam", "us-east-1"), clients("wafv2")
    visible = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "rights"}
    made = waf.create_web_acl(Name="rights", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visible)
    arn = made["Summary"]["ARN"]
    iam.create_user(UserName="filterer")
    statement = {"Effect": "Allow", "Action": "wafv2:ListTagsForResource", "Resource": "arn:aws:wafv2:*:*:*/webacl/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="filterer", PolicyName="own", PolicyDocument=policy)
    made = iam.create_access_key(UserName="filterer")["AccessKey"]
    own = clients("wafv2", key=(made["AccessKeyId"], made["SecretAccessKey"]))
    try:
        own.list_tags_for_resource(ResourceARN=arn)
    except ClientError:
        return False
    try:
        own.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "b"}])
    except ClientError as error:
        return error.response["Error"]["Code"] == "AccessDeniedException"
    return False


def test_unknown_resources_match(mended_only):
    mended_only("unknown_resources_match", aws_behaviour)
