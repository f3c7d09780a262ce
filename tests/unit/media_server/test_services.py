# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The endpoints of the AWS clients."""

from __future__ import annotations

from urllib.parse import urlsplit

import boto3
import pytest
from media_server.services import Clients
from media_server.settings import Settings


@pytest.mark.parametrize(
    ("endpoints", "host"),
    [
        ({}, "the-bucket.s3.me-west-1.amazonaws.com"),
        ({"s3": "https://s3.elsewhere.example:8443"}, "s3.elsewhere.example:8443"),
    ],
)
def test_parts_are_uploaded_to_the_region_itself(endpoints, host):
    """S3's global endpoint serves no region that was launched after 2019."""
    named = {"bucket": "the-bucket", "queue_url": "q", "envelope_key": "k", "token_secret_id": "t"}
    settings = Settings(region="me-west-1", endpoint_urls=endpoints, **named)
    session = boto3.session.Session(aws_access_key_id="id", aws_secret_access_key="secret", aws_session_token="token")
    asked = {"Bucket": "the-bucket", "Key": "key", "UploadId": "id", "PartNumber": 1}
    signed = urlsplit(Clients.of(settings, session).s3.generate_presigned_url("upload_part", Params=asked))
    assert signed.netloc == host
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in signed.query
