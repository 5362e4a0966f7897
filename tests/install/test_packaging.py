"""What stands in the package beside its modules is installed with it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import trackoracle
from trackoracle.artifact import STARTER

PACKAGE = Path(trackoracle.__file__).parent


def test_every_file_of_the_package_is_installed() -> None:
    project = tomllib.loads((PACKAGE.parents[1] / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["trackoracle"]
    installed = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    beside = {p for p in PACKAGE.rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc")}
    assert beside <= installed
    assert any(STARTER.match(pattern) for pattern in patterns)
