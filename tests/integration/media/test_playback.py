# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Playback in Chromium: encrypted video plays with its token and key, and with nothing else."""

from __future__ import annotations

import base64
import time

import pytest

from tests.support.video_browser import Viewer, chromium, shows_bars

SCHEMES = {"cbcs": "dash", "cenc": "dash", "aes-128": "hls"}


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def viewer(browser, tier, server):
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    viewer = Viewer(page, tier.settings["public_url"])
    yield viewer
    page.close()


@pytest.fixture(scope="module")
def assets(tier, client, worker, source):
    """Package one asset per scheme."""
    names = {scheme: f"bars-{scheme}" for scheme in SCHEMES}
    for scheme, name in names.items():
        tier.upload(client, source, name, scheme)
    for name in names.values():
        tier.wait_for(client, name, "ready")
    return names


@pytest.mark.parametrize(("scheme", "play"), SCHEMES.items())
def test_an_asset_plays_from_its_beginning(viewer, tier, client, assets, tmp_path, scheme, play):
    viewer.open(assets[scheme], tier.playback(client, assets[scheme])["token"], play)
    found = viewer.wait_until_past(2)
    assert found["first"] < 0.5
    assert found["frames"] > 25
    pixels = viewer.pixels(tmp_path)
    assert shows_bars(pixels), pixels
    assert viewer.problems == []


def wrong_licence(route):
    """Return a licence with wrong keys under the right key IDs."""
    wrong = base64.urlsafe_b64encode(bytes(16)).rstrip(b"=").decode()
    keys = [{"kty": "oct", "k": wrong, "kid": kid} for kid in route.request.post_data_json["kids"]]
    route.fulfill(json={"keys": keys, "type": "temporary"})


@pytest.mark.parametrize(("scheme", "play"), SCHEMES.items())
def test_a_wrong_key_shows_nothing(viewer, tier, client, assets, tmp_path, scheme, play):
    viewer.page.route("**/v1/licence/clearkey*", wrong_licence)
    viewer.page.route("**/v1/keys/*", lambda route: route.fulfill(status=200, body=bytes(16)))
    viewer.open(assets[scheme], tier.playback(client, assets[scheme])["token"], play)
    found = viewer.wait_until_failed()
    assert found["frames"] == 0
    assert not shows_bars(viewer.pixels(tmp_path))


@pytest.mark.parametrize(("scheme", "play"), SCHEMES.items())
def test_an_expired_token_shows_nothing(viewer, tier, assets, tmp_path, scheme, play):
    now = int(time.time())
    token = tier.token("playback", asset=assets[scheme], iat=now - 120, exp=now - 60)
    viewer.open(assets[scheme], token, play)
    found = viewer.wait_until_failed()
    assert (found["frames"], found["width"]) == (0, 0)
    assert not shows_bars(viewer.pixels(tmp_path))


def test_the_page_is_arabic_from_right_to_left(viewer, tier, client, assets):
    viewer.open(assets["cbcs"], tier.playback(client, assets["cbcs"])["token"], "dash", lang="ar")
    viewer.wait_until_past(1)
    page = viewer.page
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    assert page.locator("h1").inner_text() == "مشغّل الفيديو"
    title, other = page.locator("h1").bounding_box(), page.locator("#other").bounding_box()
    assert title["x"] > other["x"]
    assert viewer.problems == []
