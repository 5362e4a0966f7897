"""Environments of their own for peers that TrackOracle must not depend on."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

from benchmarks.judging import KEPT


def environment(name: str, *wanted: str, kept: Path = KEPT) -> Path:
    """Make an environment under the user's cache on first use; return its Python.

    Parameters
    ----------
    name
        Of the environment: another name is another one.
    wanted
        What pip installs, and its options.
    """
    folder = kept / name
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
        (folder / "ready").touch()
    return python
