# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Launch, keep and end the instances of Auto Scaling groups, as their API says.

`converge` does a group's next step. What an instance has to wait for on its way in and out, and what else is checked, is added by
the patches of `lab/emulator/patches/autoscaling/`, one for each thing that the emulator doesn't do by itself.
"""
