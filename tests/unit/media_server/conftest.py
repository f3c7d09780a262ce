# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The application with AWS in memory (simulated), and assets in it."""

from __future__ import annotations

import pytest
from media_server.web.app import create_app
from starlette.testclient import TestClient

from tests.support.media_content import make_asset
from tests.support.media_service_fakes import FakePlatform


@pytest.fixture
def platform(tmp_path):
    """Create tenants acme and other, each with an HLS AES-128 asset intro."""
    platform = FakePlatform(tmp_path)
    for tenant in ("acme", "other"):
        make_asset(platform.services.objects, platform.services.tenant_keys, tenant, "intro")
    return platform


@pytest.fixture
def client(platform):
    """Return a client that gets errors as a browser does."""
    return TestClient(create_app(platform.services), base_url="https://media.example", raise_server_exceptions=False)
