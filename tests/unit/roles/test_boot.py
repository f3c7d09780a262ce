# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Whoever can write to the bucket can't bring other code: what boot scripts refuse of a bundle."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

FILES = {"server.txt": b"aiohttp==1\n", "app/src/media_server/cli.py": b"print('serving')\n"}


def content_of(files: dict[str, bytes]) -> bytes:
    return json.dumps({name: hashlib.sha256(text).hexdigest() for name, text in files.items()}).encode()


BUNDLE = FILES | {"content.json": content_of(FILES)}


def packed(path: Path, members: dict[str, bytes | tarfile.TarInfo]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.uid = len(content), 0o6777, 4711
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def media(boot_script):
    return boot_script(
        "media",
        media_region="me-west-1",
        media_bundle_bucket="artefacts",
        media_install_dir="/opt/media",
        __media_bundle="media-1",
        __media_bundle_key="media/media-1.tar",
        __media_bundle_sha256=hashlib.sha256(BUNDLE["content.json"]).hexdigest(),
        __media_host_variables={"media_port": 8443},
    )


def verified(media, folder: Path, members: dict) -> None:
    folder.mkdir()
    media.unpack(packed(folder.parent / "bundle.tar", members), folder)
    media.verify(folder)


def test_the_bundle_that_the_launch_template_names_is_taken_with_its_wheels(media, tmp_path):
    verified(media, tmp_path / "work", BUNDLE | {"wheels/aiohttp-1-py3-none-any.whl": b"pip looks at this one"})
    assert (tmp_path / "work/app/src/media_server/cli.py").read_bytes() == FILES["app/src/media_server/cli.py"]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (FILES, "is not the one that the launch template names"),
        (BUNDLE | {"content.json": content_of({})}, "is not the one that the launch template names"),
        (BUNDLE | {"server.txt": b"evil==1\n"}, "server.txt that the launch template doesn't know"),
        (BUNDLE | {"app/src/sitecustomize.py": b"evil"}, "sitecustomize.py that the launch template doesn't know"),
        (BUNDLE | {"wheels/evil.py": b"evil"}, "wheels/evil.py that the launch template doesn't know"),
        ({name: BUNDLE[name] for name in ("content.json", "server.txt")}, "lacks app/src/media_server/cli.py"),
    ],
)
def test_a_bundle_of_others_is_refused_and_removed(media, tmp_path, members, said):
    (media.HOME / "unpacking").mkdir()
    with pytest.raises(SystemExit, match=said):
        verified(media, tmp_path / "work", members)
    assert not (media.HOME / "unpacking").exists()


def link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.mark.parametrize(
    "members",
    [
        {"../outside": b"x"},
        {"/outside": b"x"},
        {"a/../../outside": b"x"},
        {"link": link("link", "/etc", tarfile.SYMTYPE)},
        {"link": link("link", "../outside", tarfile.LNKTYPE)},
        {"fifo": link("fifo", "", tarfile.FIFOTYPE)},
        {"device": link("device", "", tarfile.CHRTYPE)},
    ],
)
def test_what_leads_out_of_the_bundle_is_not_unpacked(media, tmp_path, members):
    folder = tmp_path / "a" / "work"
    folder.mkdir(parents=True)
    bundle = packed(tmp_path / "bundle.tar", members)
    with pytest.raises(SystemExit, match="no plain file"):
        media.unpack(bundle, folder)
    assert [path.name for path in tmp_path.rglob("outside")] == []
    assert list(folder.iterdir()) == []


def test_what_is_unpacked_is_the_installers_own_and_has_no_bits_of_its_makers(media, tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    media.unpack(packed(tmp_path / "bundle.tar", FILES), folder)
    found = (folder / "server.txt").stat()
    assert (found.st_uid, found.st_mode & 0o7111) == (os.getuid(), 0)


@pytest.fixture
def runner(boot_script):
    return boot_script(
        "runner",
        runner_region="me-west-1",
        runner_bucket="artefacts",
        __runner_bundle="runner-1",
        __runner_bundle_key="runner/runner-1.tar",
        __runner_lock_sha256=hashlib.sha256(b"boto3==1\n").hexdigest(),
        runner_rds_ca_sha256=hashlib.sha256(b"authorities").hexdigest(),
    )


def test_the_runner_takes_the_lock_file_that_the_launch_template_names_and_no_other(runner, tmp_path):
    lock = tmp_path / "requirements.txt"
    lock.write_bytes(b"boto3==1\n")
    assert runner.verified_lock(tmp_path) == lock
    lock.write_bytes(b"evil==1\n")
    with pytest.raises(SystemExit, match="not the launch template's"):
        runner.verified_lock(tmp_path)


def test_the_runner_takes_the_authorities_of_rds_that_the_launch_template_names_and_no_others(runner, tmp_path):
    authorities = tmp_path / "rds-global-bundle.pem"
    authorities.write_bytes(b"authorities")
    assert runner.verified_authorities(tmp_path) == authorities
    authorities.write_bytes(b"somebody else's")
    with pytest.raises(SystemExit, match="not the launch template's"):
        runner.verified_authorities(tmp_path)


def test_a_pip_that_the_lock_file_does_not_name_is_not_run(runner, tmp_path):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "pip-1-py3-none-any.whl").write_bytes(b"evil")
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"pip==1 --hash=sha256:{hashlib.sha256(b'pip').hexdigest()}\n")
    with pytest.raises(SystemExit, match="not in the lock file"):
        runner.install(tmp_path / "environment", lock, wheels)
    assert not (tmp_path / "environment").exists()


def test_scripts_are_no_longer_than_ec2_takes(media, runner):
    """The settings in them come on top: a boot script has five thousand characters at most."""
    for module in (media, runner):
        assert len(Path(module.__file__).read_bytes()) < 16384 - 5000
