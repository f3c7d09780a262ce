# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# To be sourced before tests: no setting of the caller's, and no AWS account of theirs, may reach them.
# shellcheck shell=bash
while IFS='=' read -r name _; do
    case $name in AWS_* | ANSIBLE_* | LAB_* | MOLECULE_*) unset "$name" ;; esac
done < <(env)
export ANSIBLE_CONFIG=$PWD/ansible.cfg ANSIBLE_NOCOLOR=1 PYTHONDONTWRITEBYTECODE=1
export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
