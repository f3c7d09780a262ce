# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Plays an asset on the server's own page in Chromium, and looks at the picture that a viewer sees.

Judged by a screenshot of the element: a canvas reads black from a video that EME decrypts.
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
# The screenshot is reduced to 10 columns a bar; the row is in the bars' upper half, away from the controls.
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
    """Debian's browser: Playwright's own isn't downloaded."""
    path = shutil.which("chromium")
    assert path, "chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        yield browser
        browser.close()


class Viewer:
    """A tab on the server's page."""

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
        """Begin to play."""
        wanted = urlencode({"tenant": tenant, "asset": asset, "token": token, "play": play})
        self.page.goto(f"{self._url}/player/?lang={lang}#{wanted}")

    def figures(self) -> dict[str, Any]:
        """Where the video is."""
        return self.page.evaluate(_FIGURES)

    def seek(self, seconds: float) -> None:
        """Go on from another place."""
        self.page.evaluate("(time) => { document.getElementById('video').currentTime = time; }", seconds)

    def wait_until_past(self, seconds: float, timeout_s: float = 30) -> dict[str, Any]:
        """Until so much was played."""
        found = self._wait(lambda found: found["time"] > seconds or found["state"] == "failed", timeout_s)
        assert found["state"] == "playing", found
        return found

    def wait_until_failed(self, timeout_s: float = 30) -> dict[str, Any]:
        """Until the page says that it doesn't play."""
        return self._wait(lambda found: found["state"] == "failed", timeout_s)

    def _wait(self, until: Callable[[dict[str, Any]], bool], timeout_s: float) -> dict[str, Any]:
        # Asked from here: the page's policy lets nothing be evaluated in it later.
        end = time.monotonic() + timeout_s
        found = self.figures()
        while not until(found):
            assert time.monotonic() < end, found
            self.page.wait_for_timeout(100)
            found = self.figures()
        return found

    def pixels(self, folder: Path) -> list[tuple[int, int, int]]:
        """The colours in the middle of each of the seven bars, as a viewer sees them."""
        shot = folder / "shot.jpg"
        self.page.locator("#video").screenshot(path=shot, type="jpeg", quality=95)
        reduced = ["-vf", f"scale={_WIDTH}:{_ROWS}:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
        command = [str(FFMPEG), "-v", "error", "-i", str(shot), *reduced]
        raw = subprocess.run(command, capture_output=True, check=True).stdout
        places = [3 * (_ROW * _WIDTH + _BAR * bar + _BAR // 2) for bar in range(len(BARS))]
        return [(raw[at], raw[at + 1], raw[at + 2]) for at in places]


def shows_bars(pixels: list[tuple[int, int, int]]) -> bool:
    """Whether these are the colour bars."""
    return all(
        abs(seen - wanted) <= _NEAR
        for pixel, bar in zip(pixels, BARS, strict=True)
        for seen, wanted in zip(pixel, bar, strict=True)
    )
