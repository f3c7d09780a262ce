# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An instance is launched from an image that exists, named by its id or by the public parameter that holds it.

AWS answers InvalidAMIID.NotFound for another id, and looks `resolve:ssm:NAME` up at every launch; Debian and Canonical publish such
parameters. The emulator launches from any name, and knows Amazon's parameters only.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-launch-template.html#use-an-ssm-parameter-instead-of-an-ami-id
"""

from __future__ import annotations

import ministack.services.ec2 as ec2
import ministack.services.ssm as ssm

from lab.emulator.state.instances import refusal

_RESOLVE = "resolve:ssm:"

# Owners are the accounts that publish: Debian's, Canonical's.
_DEBIAN = ("ami-0debbec0de12a3d64", "debian-12-amd64-20250814-2204", "Debian 12", "", "/dev/xvda", "136693071363", None)
_UBUNTU = (
    *(
        "ami-0bbc0de24046d6400",
        "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20250821",
        "Ubuntu 24.04 LTS",
        "",
    ),
    *("/dev/sda1", "099720109477", None),
)
_PARAMETERS = {
    "/aws/service/debian/release/12/latest/amd64": _DEBIAN[0],
    "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id": _UBUNTU[0],
}


def _resolved(image_id):
    """Return the id behind a parameter; None where there is no such parameter."""
    if not image_id.startswith(_RESOLVE):
        return image_id
    parameter, _error = ssm._select_parameter(image_id.removeprefix(_RESOLVE))
    return parameter["Value"] if parameter else None


def _exists(image_id):
    return image_id in ec2._images or image_id in [stub[0] for stub in ec2._STUB_AMIS]


def apply() -> None:
    run = ec2._ACTION_MAP["RunInstances"]
    ec2._STUB_AMIS += [_DEBIAN, _UBUNTU]
    ssm._PUBLIC_AMI_PARAMETERS |= _PARAMETERS

    def run_existing(params):
        asked = ec2._p(params, "ImageId")
        image_id = _resolved(asked)
        if image_id is None:
            message = f"The parameter {asked.removeprefix(_RESOLVE)} that holds the image does not exist"
            return refusal("InvalidParameterValue", message)
        if not _exists(image_id):
            return refusal("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
        return run(params | {"ImageId": image_id})

    ec2._ACTION_MAP["RunInstances"] = run_existing
