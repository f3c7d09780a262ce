# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Auto Scaling groups in the emulator's process: they launch, keep and end instances as their API says.

`converge` does a group's next step. What an instance has to wait for on its way in and out, and what else is looked at, is added by
the mends of `lab/mends/auto_scaling_*`, one for each thing that the emulator doesn't do by itself.
"""
