# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Keep the byte code of what Python imports out of zip files.

Ansible packs a module with all it imports into a zip file, whose content Python compiles anew in each process.
`tools/setup.sh` lets the checkout's environment start with this; the collection has none of it.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
import zipimport
from _imp import source_hash
from importlib.util import _RAW_MAGIC_NUMBER
from types import CodeType

_compile = zipimport._compile_source


def install(folder: str = os.path.join(os.path.dirname(sys.prefix), "compiled")) -> None:
    """From now on code out of zip files is looked up in `folder` by a hash of its source and of Python's version, and put there."""

    def code_of(path: str, source: bytes) -> CodeType:
        kept = os.path.join(folder, f"{os.path.basename(path)}.{source_hash(_RAW_MAGIC_NUMBER, source).hex()}")
        with contextlib.suppress(OSError, EOFError, ValueError, TypeError), open(kept, "rb") as file:
            return marshal.load(file)
        code = _compile(path, source)
        with contextlib.suppress(OSError):
            _keep(code, kept)
        return code

    zipimport._compile_source = code_of


def _keep(code: CodeType, path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    new = f"{path}.{os.getpid()}"
    with open(new, "wb") as file:
        marshal.dump(code, file)
    os.replace(new, path)
