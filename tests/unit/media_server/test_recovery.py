# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What was deleted comes back from its versions, in an order in which nobody finds half of it."""

from __future__ import annotations

import argparse
import datetime

import pytest
from media_server.operate import run

from tests.support.media_content import PLAYLIST, play

OPTIONS = argparse.Namespace(command="recover", tenant="acme", asset="intro", since=None, to=None)


def options(**changed) -> argparse.Namespace:
    return argparse.Namespace(**vars(OPTIONS) | changed)


def purge(platform, prefix: str) -> list[str]:
    """Delete objects as `aws s3 rm --recursive` does."""
    names = platform.s3.names(prefix)
    for name in names:
        platform.services.objects.delete(name)
    return names


def plays(platform, tenant: str = "acme") -> int:
    return play(platform.services.objects, platform.services.tenant_keys.fresh(), tenant, "intro")


def test_a_purged_asset_plays_again(platform, capsys):
    names = purge(platform, "media/acme/intro/")
    purge(platform, "media/other/intro/")
    assert run(platform.services, options(command="deleted")) == 0
    listed = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[2] for line in listed) == names
    assert run(platform.services, OPTIONS) == 0
    assert platform.s3.names("media/acme/intro/") == names
    assert plays(platform) == 1
    assert "acme/intro: plays" in capsys.readouterr().out
    assert platform.s3.names("media/other/intro/") == []
    assert run(platform.services, options(command="deleted")) == 0
    assert capsys.readouterr().out == ""


def test_a_purged_tenant_plays_again(platform):
    for prefix in ("media/acme/", "keys/acme.json"):
        assert purge(platform, prefix)
    assert run(platform.services, options(asset=None)) == 0
    assert plays(platform) == plays(platform, "other") == 1


def test_pointers_come_last(platform):
    purge(platform, "media/acme/intro/")
    order: list[str] = []
    platform.s3.fault = lambda operation, key: order.append(key) if operation == "get_object" else None
    run(platform.services, OPTIONS)
    assert order.index("media/acme/intro/asset.json") > order.index(f"media/acme/intro/v1/{PLAYLIST}")


def test_neighbours_are_left_deleted(platform):
    platform.services.objects.put("media/acme/intro-2/v1/a.ts", b"a")
    platform.services.objects.delete("media/acme/intro-2/v1/a.ts")
    run(platform.services, OPTIONS)
    assert platform.s3.names("media/acme/intro-2/") == []


def test_only_what_was_deleted_since_then_comes_back(platform):
    purge(platform, "media/acme/intro/")
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=5)
    assert run(platform.services, options(since=later)) == 1
    assert platform.s3.names("media/acme/intro/") == []


def test_what_lost_its_versions_is_named(platform, capsys):
    purge(platform, "media/acme/intro/")
    name = "media/acme/intro/v1/v/1.ts"
    platform.s3.objects[name] = platform.s3.objects[name][-1:]
    assert run(platform.services, OPTIONS) == 1
    out = capsys.readouterr().out
    assert f"gone for good: {name}" in out
    assert "1 file(s) are missing, the first is v/1.ts" in out


def test_nothing_is_recovered_in_the_standby_region(platform, capsys):
    purge(platform, "media/acme/intro/")
    platform.record.active = "eu-central-1"
    assert run(platform.services, OPTIONS) == 1
    assert "eu-central-1" in capsys.readouterr().err
    assert platform.s3.names("media/acme/intro/") == []


@pytest.mark.parametrize("tenant", ["../acme", "ACME", "-"])
def test_a_wrong_name_is_refused(platform, tenant):
    assert run(platform.services, options(tenant=tenant)) == 1


def test_a_kept_source_is_taken_out(platform, tmp_path, capsys):
    services = platform.services
    services.objects.put("uploads/acme/intro", b"the source")
    services.sources.keep("acme", "intro", services.sources.uploads("acme", "intro"), lambda: None)
    target = tmp_path / "source.mp4"
    assert run(services, options(command="source", to=str(target))) == 0
    assert target.read_bytes() == b"the source"
    # An existing file is not overwritten, and none is made of nothing.
    assert run(services, options(command="source", to=str(target))) == 1
    assert run(services, options(command="source", asset="none", to=str(tmp_path / "none"))) == 1
    assert not (tmp_path / "none").exists()
