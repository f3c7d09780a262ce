# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Fetch a bundle from the region's own bucket, and install from it without the internet.

Boot scripts of roles have this text at their head: they come with the launch template, and so does the hash of what they install.
It needs nothing but Python 3.11 and curl.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import urllib.request
from pathlib import Path

PATIENCE = 900  # seconds: the network and the bundle may come later than the instance


def metadata(path, token=None):
    """A text of the instance metadata service, version 2."""
    headers = {"X-aws-ec2-metadata-token": token} if token else {"X-aws-ec2-metadata-token-ttl-seconds": "300"}
    request = urllib.request.Request(
        "http://169.254.169.254/latest/" + path, headers=headers, method="GET" if token else "PUT"
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read().decode()


def download(url, region, target):
    """Fetch the bundle under the instance's role. curl signs; its settings go through a pipe, so no process list shows them."""
    token = metadata("api/token")
    role = metadata("meta-data/iam/security-credentials/", token).split()[0]
    key = json.loads(metadata("meta-data/iam/security-credentials/" + role, token))
    settings = {
        "url": url,
        "output": str(target),
        "aws-sigv4": f"aws:amz:{region}:s3",
        "user": f"{key['AccessKeyId']}:{key['SecretAccessKey']}",
    }
    lines = [f'{name} = "{value}"' for name, value in settings.items()]
    lines += [f'header = "x-amz-security-token: {key["Token"]}"', 'header = "x-amz-content-sha256: UNSIGNED-PAYLOAD"']
    curl = [
        "curl",
        "--silent",
        "--show-error",
        "--fail",
        "--connect-timeout",
        "5",
        "--max-time",
        "600",
        "--config",
        "-",
    ]
    subprocess.run(curl, input="\n".join(lines), text=True, check=True)


def download_in_time(url, region, target):
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return download(url, region, target)
        except (OSError, LookupError, ValueError, subprocess.CalledProcessError) as error:
            if time.monotonic() > deadline:
                sys.exit(f"bundle: {url} was not to be had for {PATIENCE} s: {error}")
            print(f"bundle: {url} is not to be had yet: {error}", flush=True)
            time.sleep(5)


def sha256(path):
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def unpack(bundle, folder):
    """Unpack plain files and folders, as the installer's own: who made the bundle isn't known before its content is verified."""
    with tarfile.open(bundle) as archive:
        for member in archive:
            path = Path(member.name)
            if path.is_absolute() or ".." in path.parts or not (member.isreg() or member.isdir()):
                sys.exit(f"bundle: {member.name} is no plain file below it. Nothing was installed.")
            target = folder / path
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.extractfile(member) as packed, target.open("xb") as file:
                shutil.copyfileobj(packed, file)


def install(environment, lock, wheels, pip_lock=None):
    """Make a virtual environment of exactly what a lock file names; `pip_lock` names pip, where `lock` doesn't."""
    # pip checks the others; its own wheel runs before it can.
    pip = next(wheels.glob("pip-*.whl"))
    if sha256(pip) not in re.findall(r"--hash=sha256:([0-9a-f]{64})", (pip_lock or lock).read_text()):
        sys.exit(f"bundle: {pip.name} is not in the lock file. Nothing was installed.")
    shutil.rmtree(environment, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    arguments = [
        "install",
        "--quiet",
        "--no-index",
        "--find-links",
        str(wheels),
        "--require-hashes",
        "--requirement",
        str(lock),
    ]
    subprocess.run(
        [str(environment / "bin/python"), "-m", "pip", *arguments],
        env=dict(os.environ, PYTHONPATH=str(pip), PIP_NO_CACHE_DIR="1", PIP_DISABLE_PIP_VERSION_CHECK="1"),
        check=True,
    )
    trust_as_the_machine_does(environment)


def trust_as_the_machine_does(environment):
    """The machine's own store in place of the lists that botocore and certifi bring along, as in Debian's packages of both."""
    stores = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
    store = next((name for name in stores if Path(name).exists()), None)
    for brought in environment.glob("lib/python3*/site-packages/*/cacert.pem") if store else []:
        brought.unlink()
        brought.symlink_to(store)


def move_link(link, target):
    """Let a link lead to a target, at one stroke."""
    new = link.with_name(link.name + ".next")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)
