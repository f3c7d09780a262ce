# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Boot scripts as launch templates have them, to be run by the tests."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import jinja2
import pytest

from lab.settings import CHECKOUT


@pytest.fixture
def boot_script(tmp_path: Path) -> Callable[..., ModuleType]:
    """`boot_script(role, variables)`: the role's boot script, imported. Its folder of installations is below `tmp_path`."""

    def read(_plugin: str, path: str) -> str:
        return Path(path).read_text()

    def load(role: str, **variables) -> ModuleType:
        environment = jinja2.Environment(keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
        environment.filters["to_json"] = json.dumps
        template = environment.from_string((CHECKOUT / "roles" / role / "templates" / "boot.py.j2").read_text())
        script = tmp_path / f"{role}_boot.py"
        script.write_text(template.render(lookup=read, role_path=str(CHECKOUT / "roles" / role), **variables))
        spec = importlib.util.spec_from_file_location(script.stem, script)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.HOME = tmp_path / "home"
        module.HOME.mkdir(exist_ok=True)
        return module

    return load
