# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The application over AWS in memory (simulated), with assets in it."""

from __future__ import annotations

import pytest
from media_server.web.app import create_app
from starlette.testclient import TestClient

from tests.support.media_content import make_asset
from tests.support.media_service_fakes import FakePlatform


@pytest.fixture
def platform(tmp_path):
    """Tenants acme and other, each with an asset intro of HLS AES-128."""
    platform = FakePlatform(tmp_path)
    for tenant in ("acme", "other"):
        make_asset(platform.services.objects, platform.services.tenant_keys, tenant, "intro")
    return platform


@pytest.fixture
def client(platform):
    """A client that is told of errors as a browser is."""
    return TestClient(create_app(platform.services), base_url="https://media.example", raise_server_exceptions=False)
