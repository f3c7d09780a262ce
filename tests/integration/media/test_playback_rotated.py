# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Playback in Chromium during a rotation: the session continues, and a new one plays the new version."""

from __future__ import annotations

import re

import pytest

from tests.support.video_browser import Viewer, chromium, shows_bars
from tests.support.video_source import colour_bars

SCHEMES = {"cbcs": "dash", "cenc": "dash", "aes-128": "hls"}
# Longer than the players' buffer: the rest is fetched after the rotation.
SECONDS, LATE_S = 100, 88


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def long_source(tmp_path_factory) -> bytes:
    return colour_bars(tmp_path_factory.mktemp("long") / "bars.mp4", seconds=SECONDS).read_bytes()


@pytest.fixture
def open_viewer(browser, tier):
    pages = []

    def open_one() -> Viewer:
        pages.append(browser.new_page(viewport={"width": 1000, "height": 900}))
        return Viewer(pages[-1], tier.settings["public_url"])

    yield open_one
    for page in pages:
        page.close()


def requests_of(viewer: Viewer, asset: str) -> list[int]:
    """Return a list that collects the versions of the files that a viewer requests from now on."""
    versions: list[int] = []

    def note(request) -> None:
        found = re.search(rf"/{asset}/v(\d+)/", request.url)
        if found:
            versions.append(int(found[1]))

    viewer.page.on("request", note)
    return versions


@pytest.mark.parametrize(("scheme", "play"), SCHEMES.items())
def test_a_rotation_does_not_interrupt_playback(open_viewer, tier, client, worker, long_source, tmp_path, scheme, play):
    asset = f"rotated-{scheme}"
    tier.upload(client, long_source, asset, scheme)
    before = tier.wait_for(client, asset, "ready")["playable"]
    session = open_viewer()
    session.open(asset, tier.playback(client, asset)["token"], play)
    session.wait_until_past(1)
    wanted = {"mode": "reencrypt", "scope": {"tenant": "acme", "asset": asset}}
    rotation = tier.rotation(client, "", wanted)["rotation_id"]
    tier.rotation(client, f"/{rotation}/start")
    told = tier.wait_for_phase(client, rotation, "rotated")
    assert (told["done"], told["failed"]) == (1, 0)
    after = client.get(f"/v1/assets/acme/{asset}", headers=tier.header()).json()["playable"]
    assert after["kid"] != before["kid"]
    assert after["version"] == before["version"] + 1

    # The session that began before fetches the rest of the old version.
    asked = requests_of(session, asset)
    session.seek(LATE_S)
    assert session.wait_until_past(LATE_S + 1)["state"] == "playing"
    assert shows_bars(session.pixels(tmp_path))
    assert set(asked) == {before["version"]}

    new = open_viewer()
    asked_new = requests_of(new, asset)
    new.open(asset, tier.playback(client, asset)["token"], play)
    assert new.wait_until_past(2)["first"] < 0.5
    assert shows_bars(new.pixels(tmp_path))
    assert set(asked_new) == {after["version"]}
    assert session.problems == new.problems == []
