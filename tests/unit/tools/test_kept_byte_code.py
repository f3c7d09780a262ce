# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Byte code of zip files is kept, is used, follows its source, and is made anew where it was damaged."""

from __future__ import annotations

import marshal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lab.settings import CHECKOUT

_IMPORT = """
import sys
sys.path[:0] = [{tools!r}]
import kept_byte_code
kept_byte_code.install({folder!r})
sys.path[:0] = [{packed!r}]
import greeting
print(greeting.WORD)
"""


@pytest.fixture
def packed(tmp_path) -> Path:
    return packed_as(tmp_path, "hello")


def packed_as(folder: Path, word: str) -> Path:
    file = folder / "payload.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("greeting.py", f"WORD = {word!r}\n")
    return file


def imported(packed: Path) -> str:
    """What a Python says that imports out of the zip file, with nothing else of this environment."""
    script = _IMPORT.format(tools=str(CHECKOUT / "tools"), folder=str(packed.parent / "kept"), packed=str(packed))
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def kept(packed: Path) -> list[Path]:
    return sorted(packed.parent.joinpath("kept").iterdir())


def test_what_was_compiled_once_is_used(packed):
    assert imported(packed) == "hello"
    (file,) = kept(packed)
    file.write_bytes(marshal.dumps(compile("WORD = 'kept'", "greeting.py", "exec")))
    assert imported(packed) == "kept"


def test_another_source_is_compiled(packed):
    imported(packed)
    assert imported(packed_as(packed.parent, "goodbye")) == "goodbye"
    assert len(kept(packed)) == 2


@pytest.mark.parametrize("damage", [b"", b"no byte code", None])
def test_what_was_damaged_is_compiled_again(packed, damage):
    imported(packed)
    (file,) = kept(packed)
    file.write_bytes(file.read_bytes()[:-3] if damage is None else damage)
    assert imported(packed) == "hello"
    assert imported(packed) == "hello"


def test_a_folder_that_cannot_be_written_is_no_hindrance(packed):
    packed.parent.joinpath("kept").write_text("a file where the folder should be")
    assert imported(packed) == "hello"
