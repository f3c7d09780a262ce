# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""No tracked file uses a word of retired_words.yml."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.settings import CHECKOUT

RETIRED = yaml.safe_load((Path(__file__).parent / "retired_words.yml").read_text())
WORDS = {re.compile(pattern): instead for pattern, instead in RETIRED["words"].items()}


def _tracked() -> Iterator[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, check=True, capture_output=True, text=True)
    return (name for name in listed.stdout.split("\0") if name and not name.startswith(tuple(RETIRED["excluded"])))


def _findings(place: str, text: str) -> Iterator[str]:
    for word, instead in WORDS.items():
        for found in word.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{place}:{line}: {found[0]!r}. Fix: {instead}"


def test_no_retired_word_is_used():
    findings = []
    for name in _tracked():
        findings += _findings(f"the name of {name}", re.sub(r"[_/.-]", " ", name))
        try:
            findings += _findings(name, (CHECKOUT / name).read_text())
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # a picture, or a file that is deleted and not yet committed
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is mended.", 1),
        ("amend, in front of CloudFront's frontend", 0),
        ("class Look:", 1),
        ("a mend\nof a front", 2),
    ],
)
def test_words_are_found_as_whole_words(text, found):
    assert len(list(_findings("here", text))) == found
