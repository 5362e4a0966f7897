"""What import-linter cannot see: rooms are entered by the front door, and importing is cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import trackoracle

PACKAGE = Path(trackoracle.__file__).parent
# `interfaces` is a floor of rooms, not a room.
ROOMS = {p.parent.name for p in PACKAGE.glob("*/__init__.py")} - {"interfaces"}
HEAVY = ("sklearn", "lightgbm", "xgboost", "scipy", "polars", "numpy", "rich", "jinja2", "skops")


def _imports(path: Path) -> list[str]:
    tree = ast.parse(path.read_text())
    return [
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
    ]


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_rooms_are_entered_through_their_front_door(path: Path) -> None:
    own_room = path.relative_to(PACKAGE).parts[0]
    for module in _imports(path):
        parts = module.split(".")
        if parts[0] == "trackoracle" and len(parts) > 2 and parts[1] in ROOMS:
            assert parts[1] == own_room, (
                f"{path.name} reaches into {module}; import from {parts[1]}"
            )


def test_importing_the_package_loads_no_heavy_library() -> None:
    code = f"import trackoracle, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"


def test_help_loads_no_learner() -> None:
    code = (
        "import sys; sys.argv = ['trackoracle', '--help']\n"
        "from trackoracle.interfaces import cli\n"
        "cli._run(['--help'])\n"
        "print([m for m in ('sklearn', 'lightgbm', 'xgboost') if m in sys.modules])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip().endswith("[]")


def test_every_public_name_resolves() -> None:
    for name in trackoracle.__all__:
        assert getattr(trackoracle, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'mystery'"):
        trackoracle.mystery  # noqa: B018


def test_polars_runs_no_python() -> None:
    """Its threads would wait for the interpreter, and who holds it for them."""
    asked = {"map_batches", "map_elements", "map_groups", "map_rows"}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            assert not (called and node.func.attr in asked), f"{path}:{node.lineno}"
