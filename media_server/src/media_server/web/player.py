# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The demo page, which plays one asset, in English or Arabic.

Its players are installed from npm (player/install.sh). Its URL contains no token.
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from media_server.errors import NotFoundError
from media_server.settings import Settings

_PAGE = Path(__file__).parent / "page"
_BUNDLED = {"player.js": "text/javascript", "player.css": "text/css"}
_INSTALLED = ("shaka-player.compiled.js", "hls.min.js")

_WORDS = {
    "en": {
        "dir": "ltr",
        "title": "Video player",
        "video": "Video",
        "hint": "Fill in what to play.",
        "tenant": "Tenant",
        "asset": "Asset",
        "token": "Playback token",
        "format": "Format",
        "start": "Play",
        "playing": "Playing",
        "loading": "Loading…",
        "failed": "It doesn't play",
        "other_lang": "ar",
        "other_name": "العربية",
    },
    "ar": {
        "dir": "rtl",
        "title": "مشغّل الفيديو",
        "video": "فيديو",
        "hint": "أدخل ما تريد تشغيله.",
        "tenant": "المستأجر",
        "asset": "المادة",
        "token": "رمز التشغيل",
        "format": "الصيغة",
        "start": "تشغيل",
        "playing": "قيد التشغيل",
        "loading": "جارٍ التحميل…",
        "failed": "تعذّر التشغيل",
        "other_lang": "en",
        "other_name": "English",
    },
}


def policy(settings: Settings) -> str:
    """Return the page's Content-Security-Policy: nothing inline, and no other origin but the CDN for segments."""
    cdn = f" https://{settings.cookie_domain}" if settings.cookie_domain else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
        f"connect-src 'self' {settings.origin}{cdn}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def language(request: Request) -> str:
    """Return the language from the URL, or else from the browser's preference."""
    requested = request.query_params.get("lang", "")
    if requested in _WORDS:
        return requested
    return "ar" if request.headers.get("accept-language", "").lower().startswith("ar") else "en"


def router(settings: Settings) -> APIRouter:
    """Return the routes below /player."""
    routes = APIRouter(prefix="/player", tags=["player"], include_in_schema=False)
    page = Template((_PAGE / "page.html").read_text(encoding="utf-8"))
    headers = {"Content-Security-Policy": policy(settings), "Cache-Control": "no-cache", "Vary": "Accept-Language"}

    @routes.get("/")
    def show(request: Request) -> Response:
        lang = language(request)
        return HTMLResponse(page.substitute(_WORDS[lang], lang=lang), headers=headers | {"Content-Language": lang})

    @routes.get("/static/{name}")
    def static(name: str) -> Response:
        if name in _BUNDLED:
            return FileResponse(_PAGE / name, media_type=_BUNDLED[name], headers={"Cache-Control": "no-cache"})
        file = Path(settings.static_dir) / name
        if name not in _INSTALLED or not file.is_file():
            raise NotFoundError("not-found", "Not found.")
        return FileResponse(file, media_type="text/javascript", headers={"Cache-Control": "public, max-age=3600"})

    return routes
