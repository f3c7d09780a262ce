# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Stand-in for the get-pip script that ansible-test downloads to put pip into its environments.

Python brings a pip of its own (ensurepip), so nothing has to be downloaded from outside the package
index. tools/ansible_test_bootstrap.sh puts this file where ansible-test looks for the download.
"""

import ensurepip
import subprocess
import sys

# get-pip knows these options, pip doesn't; ensurepip installs neither package anyway.
GET_PIP_ONLY = {"--no-setuptools", "--no-wheel"}

ensurepip.bootstrap(upgrade=True, default_pip=True)
arguments = [argument for argument in sys.argv[1:] if argument not in GET_PIP_ONLY]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *arguments]))
