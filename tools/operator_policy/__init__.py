# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make docs/operator-policy.json: the rights of those who run the playbooks (see docs/operator.md).

`scenario` runs the playbooks in a lab that writes down what it checks; `record` reads that; `reference` is what AWS documents about
actions; `rules` are this project's scopes and completions (data/); `statements` and `documents` put the policies together.
"""
