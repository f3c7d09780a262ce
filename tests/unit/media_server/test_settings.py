# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The settings file: read as a whole, with an error that names the wrong setting."""

from __future__ import annotations

import json

import pytest
from media_server.cli import main
from media_server.settings import SettingsError, parse_settings, read_settings

LEAST = {
    "region": "me-west-1",
    "bucket": "b",
    "queue_url": "https://sqs.example/q",
    "envelope_key": "alias/media",
    "token_secret_id": "tokens",
}


def test_the_required_settings_are_enough():
    settings = parse_settings(LEAST)
    assert (settings.listen_port, settings.player, settings.worker_concurrency) == (8443, False, 1)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"bucket": ""}, "bucket"),
        ({"bucket": None}, "bucket"),
        ({"bukcet": "b"}, "bukcet"),
        ({"player": "yes"}, "player"),
        ({"listen_port": "8443"}, "listen_port"),
        ({"listen_port": True}, "listen_port"),
        ({"token_ttl_s": 0}, "token_ttl_s"),
        ({"retain_old_s": 60}, "retain_old_s"),
        ({"tls_key": "/k"}, "tls_key"),
        ({"cookie_domain": "cdn.example"}, "cookie_secret_id"),
        ({"source_days": -1}, "source_days"),
        ({"refused_elsewhere_s": -1}, "refused_elsewhere_s"),
        ({"public_url": "media.example"}, "public_url"),
        ({"public_url": "https://media.example/?x=1"}, "public_url"),
        ({"endpoint_urls": []}, "endpoint_urls"),
    ],
)
def test_a_wrong_setting_is_named(changed, named):
    with pytest.raises(SettingsError, match=named):
        parse_settings(LEAST | changed)


def test_a_missing_setting_is_named():
    with pytest.raises(SettingsError, match="bucket, queue_url"):
        parse_settings({name: LEAST[name] for name in ("region", "envelope_key", "token_secret_id")})


@pytest.mark.parametrize("text", [None, "", "[]", "{"])
def test_an_unreadable_file_ends_with_2(tmp_path, capsys, monkeypatch, text):
    file = tmp_path / "settings.json"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv("MEDIA_SERVER_SETTINGS", str(file))
    with pytest.raises(SettingsError):
        read_settings()
    assert main(["check"]) == 2
    assert str(file) in capsys.readouterr().err


def test_no_file_at_all_ends_with_2(capsys, monkeypatch):
    monkeypatch.delenv("MEDIA_SERVER_SETTINGS", raising=False)
    assert main(["serve"]) == 2
    assert "MEDIA_SERVER_SETTINGS" in capsys.readouterr().err


def test_the_file_is_read(tmp_path):
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(LEAST | {"public_url": "https://media.example:8443/base"}))
    assert read_settings(file).origin == "https://media.example:8443"
