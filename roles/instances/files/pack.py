# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Copy files into a bundle, and make its archive: on the control machine, whose cp and tar need not be GNU's.

pack.py copy FOLDER TARGET FILE...    copies the files of FOLDER, with the folders that they are in
pack.py archive FOLDER ARCHIVE        packs the folder, everything root's
"""

import shutil
import sys
import tarfile
from pathlib import Path


def copy(folder, target, *files):
    for file in files:
        copied = Path(target) / file
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(folder) / file, copied)


def archive(folder, path):
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as packed:
        packed.add(folder, ".", filter=_roots)


def _roots(member):
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


if __name__ == "__main__":
    {"copy": copy, "archive": archive}[sys.argv[1]](*sys.argv[2:])
