# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Play an asset on the server's page in Chromium, and check the displayed picture.

The picture is taken from a screenshot: a canvas reads black from a video that EME decrypts.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from media_server.packaging.tools import FFMPEG
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--ignore-certificate-errors",
)
# ffmpeg's smptebars from left to right, the upper two thirds of the picture.
BARS = ((180, 180, 180), (180, 180, 16), (16, 180, 180), (16, 180, 16), (180, 16, 180), (180, 16, 16), (16, 16, 180))
_NEAR = 45
# The screenshot is reduced to 10 columns per bar; the row is in the bars' upper half, away from the controls.
_BAR, _ROWS, _ROW = 10, 40, 12
_WIDTH = _BAR * len(BARS)
_WATCH = """
document.addEventListener("playing", (event) => { window.firstTime ??= event.target.currentTime; }, true);
"""
_FIGURES = """() => {
  const video = document.getElementById("video");
  return {
    time: video.currentTime,
    first: window.firstTime ?? null,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    width: video.videoWidth,
    state: document.body.dataset.state ?? "",
    detail: document.body.dataset.detail ?? "",
  };
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium, which spares the download of Playwright's."""
    path = shutil.which("chromium")
    assert path, "chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        yield browser
        browser.close()


class Viewer:
    """A browser tab with the server's page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url
        self.problems: list[str] = []
        page.add_init_script(_WATCH)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.problems.append(message.text)

    def open(self, asset: str, token: str, play: str, lang: str = "en", tenant: str = "acme") -> None:
        """Start playback."""
        wanted = urlencode({"tenant": tenant, "asset": asset, "token": token, "play": play})
        self.page.goto(f"{self._url}/player/?lang={lang}#{wanted}")

    def figures(self) -> dict[str, Any]:
        """Return the state of the video."""
        return self.page.evaluate(_FIGURES)

    def seek(self, seconds: float) -> None:
        """Continue from another position."""
        self.page.evaluate("(time) => { document.getElementById('video').currentTime = time; }", seconds)

    def wait_until_past(self, seconds: float, timeout_s: float = 120) -> dict[str, Any]:
        """Wait until a position was played."""
        found = self._wait(lambda found: found["time"] > seconds or found["state"] == "failed", timeout_s)
        assert found["state"] == "playing", found
        return found

    def wait_until_failed(self, timeout_s: float = 120) -> dict[str, Any]:
        """Wait until the page reports that playback failed."""
        return self._wait(lambda found: found["state"] == "failed", timeout_s)

    def _wait(self, until: Callable[[dict[str, Any]], bool], timeout_s: float) -> dict[str, Any]:
        # Polled from here: the page's policy forbids wait_for_function.
        end = time.monotonic() + timeout_s
        found = self.figures()
        while not until(found):
            assert time.monotonic() < end, found
            self.page.wait_for_timeout(100)
            found = self.figures()
        return found

    def pixels(self, folder: Path) -> list[tuple[int, int, int]]:
        """Return the displayed colours in the middle of each of the seven bars."""
        shot = folder / "shot.jpg"
        self.page.locator("#video").screenshot(path=shot, type="jpeg", quality=95)
        reduced = ["-vf", f"scale={_WIDTH}:{_ROWS}:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
        command = [str(FFMPEG), "-v", "error", "-i", str(shot), *reduced]
        raw = subprocess.run(command, capture_output=True, check=True).stdout
        places = [3 * (_ROW * _WIDTH + _BAR * bar + _BAR // 2) for bar in range(len(BARS))]
        return [(raw[at], raw[at + 1], raw[at + 2]) for at in places]


def shows_bars(pixels: list[tuple[int, int, int]]) -> bool:
    """Return whether these are the colour bars."""
    return all(
        abs(seen - wanted) <= _NEAR
        for pixel, bar in zip(pixels, BARS, strict=True)
        for seen, wanted in zip(pixel, bar, strict=True)
    )
