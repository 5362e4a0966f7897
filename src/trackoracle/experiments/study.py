"""The study file: every finished cell, so that an interrupted experiment goes on."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from trackoracle.atomic import check_writable, replacing
from trackoracle.errors import StudyError
from trackoracle.experiments.results import Finished, finished_from_dict
from trackoracle.experiments.settings import Cell, ExperimentSettings
from trackoracle.training import Material, fingerprint

FORMAT = 1
_KIND = "trackoracle experiment"
_LISTS = ("candidates", "resampling", "outliers", "transforms")
"""What the grid lists: a study may grow by cells."""
_LIBRARIES = (
    "trackoracle", "numpy", "scipy", "scikit-learn", "lightgbm", "xgboost-cpu", "imbalanced-learn",
)  # fmt: skip
_WAY_OUT = "Name another file for --study, or remove this one."


class Study:
    """Finished cells, kept in a JSON file that is replaced whole.

    Parameters
    ----------
    path
        The file; None keeps cells in memory only.
    made_from
        What the cells follow from: catalog, target, settings, versions. A file made
        from anything else is refused, and left as it is.

    Raises
    ------
    StudyError
        When the file is not a whole study of the same catalog, target, settings and versions.
    OutputError
        When the file cannot be written.
    """

    def __init__(self, path: Path | None, made_from: dict[str, Any]) -> None:
        self._path = path
        # As it will be read again: tuples become lists, keys text.
        self._made_from = json.loads(json.dumps(made_from))
        self._cells: dict[str, Finished] = {}
        if path:
            check_writable(path)
            if path.exists():
                self._cells = self._read(path)

    def finished(self, cell: Cell) -> Finished | None:
        """Return what is known of a cell."""
        return self._cells.get(cell.key)

    def keep(self, cells: dict[Cell, Finished]) -> None:
        """Add finished cells, and write the file."""
        self._cells |= {cell.key: done for cell, done in cells.items()}
        if self._path:
            facts = {
                "kind": _KIND,
                "format": FORMAT,
                "made_from": self._made_from,
                "cells": {key: done.to_dict() for key, done in self._cells.items()},
            }
            with replacing(self._path) as temporary:
                temporary.write_text(json.dumps(facts), encoding="utf-8")

    def _read(self, path: Path) -> dict[str, Finished]:
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            if facts["kind"] != _KIND:
                raise KeyError(_KIND)
            found_format, made_from = facts["format"], dict(facts["made_from"])
            cells = {key: finished_from_dict(done) for key, done in facts["cells"].items()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise StudyError(
                f"{path}: expected a whole experiment study, got a file that is cut off or is "
                f"none. {_WAY_OUT}",
                path=str(path),
            ) from error
        if found_format != FORMAT:
            raise StudyError(
                f"{path}: expected a study of format {FORMAT}, got {found_format}. {_WAY_OUT}",
                path=str(path),
            )
        for kind, expected in self._made_from.items():
            if made_from.get(kind) != expected:
                raise StudyError(
                    f"{path}: expected a study of the same {kind}, got "
                    f"{_difference(expected, made_from.get(kind))}. {_WAY_OUT}",
                    path=str(path),
                    differs=kind,
                )
        return cells


def _difference(expected: Any, got: Any) -> str:
    if isinstance(expected, dict) and isinstance(got, dict):
        changed = [name for name in expected if expected[name] != got.get(name)]
        shown = [f"{name} {got.get(name)} for {expected[name]}" for name in changed[:3]]
        return ", ".join(shown) or "one with more"
    return "another"


def made_from(material: Material, settings: ExperimentSettings) -> dict[str, Any]:
    """Tell what cells follow from: equal facts give equal cells."""
    told = settings.to_dict()
    return {
        "catalog": fingerprint(material),
        "target": material.target.to_dict(),
        "settings": {name: value for name, value in told.items() if name not in _LISTS},
        "versions": {name: _version(name) for name in _LIBRARIES},
    }


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
