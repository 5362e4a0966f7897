"""The study file: finished trials of every search, one line a trial, to go on from.

The format is Optuna's journal, so that Optuna's own tools read it. Searches run in
memory and write down finished trials only, so that what was interrupted leaves no trace.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackoracle.atomic import check_writable
from trackoracle.errors import OutputError, StudyError
from trackoracle.optional import require

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

_ABOUT = "trackoracle"
_WAY_OUT = "Choose another file for --study, or delete this one."


class StudyFile:
    """A file of trials, made or gone on with.

    Parameters
    ----------
    path
        Where it is, or is to be.
    made_from
        What the trials depend on, by kind ("catalog", "target", "config"): any bytes.

    Raises
    ------
    StudyError
        When the file is cut off, no study, or the study of something else. It is left as it is.
    OutputError
        When it cannot be written.
    """

    def __init__(self, path: Path, made_from: Mapping[str, bytes]) -> None:
        optuna = silent_optuna()
        check_study(path)
        is_new = not path.exists()
        self._path = path
        try:
            backend = optuna.storages.journal.JournalFileBackend(str(path))
            self._storage = optuna.storages.JournalStorage(backend)
            self._names = set(optuna.get_all_study_names(self._storage))
        except OSError as error:
            raise _unwritable(path, error) from error
        except Exception as error:  # foreign lines fail in any way
            raise _no_study(path) from error
        if not is_new and _ABOUT not in self._names:
            raise _no_study(path)
        self._check(made_from)

    def _check(self, made_from: Mapping[str, bytes]) -> None:
        """Compare what the file was made from, or write it down in a new one."""
        about = self._study(_ABOUT)
        noted = about.user_attrs
        for kind, content in made_from.items():
            print_ = hashlib.sha256(content).hexdigest()
            if noted.get(kind, print_) != print_:
                raise StudyError(
                    f"{self._path}: expected a study of this {kind}, got one of another {kind}. "
                    f"{_WAY_OUT}",
                    path=str(self._path),
                )
            if kind not in noted:
                about.set_user_attr(kind, print_)

    def trials(self, search: str) -> list[FrozenTrial]:
        """Return the finished trials of a search, in order."""
        if search not in self._names:
            return []
        found: list[FrozenTrial] = self._study(search).trials
        return found

    def add(self, search: str, trial: FrozenTrial) -> None:
        """Write a finished trial down."""
        try:
            self._study(search).add_trial(trial)
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def _study(self, name: str) -> Any:
        optuna = silent_optuna()
        if name in self._names:
            return optuna.load_study(study_name=name, storage=self._storage)
        self._names.add(name)
        return optuna.create_study(study_name=name, storage=self._storage, direction="maximize")


def silent_optuna() -> Any:
    """Import Optuna, and keep it from writing a line a trial to standard error.

    Raises
    ------
    MissingExtraError
        When it is not installed.
    """
    optuna = require("optuna", extra="study")
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    return optuna


def check_study(path: Path) -> None:
    """Refuse, before any work, a place that cannot be written or a file that is not whole.

    Raises
    ------
    StudyError
        When there is a file that is no journal, or ends within a line.
    OutputError
        When it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> check_study(Path(tempfile.mkdtemp()) / "new.study")
    """
    check_writable(path)
    if not path.exists():
        return
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise _unwritable(path, error) from error
    last = lines.pop()
    if not lines and not last:
        raise StudyError(f"{path}: expected a study, got an empty file. {_WAY_OUT}", path=str(path))
    bad = [i for i, line in enumerate(lines, start=1) if not _is_record(line)]
    if bad:
        raise _no_study(path)
    if last and not lines:
        raise _no_study(path)
    if last:
        raise StudyError(
            f"{path}: expected whole lines, got a cut-off one at the end (line {len(lines) + 1}). "
            "Remove that line to go on from the trials before it, or choose another file.",
            path=str(path),
            line=len(lines) + 1,
        )


def _is_record(line: bytes) -> bool:
    try:
        return "op_code" in json.loads(line)
    except (ValueError, TypeError, RecursionError):
        return False


def _no_study(path: Path) -> StudyError:
    return StudyError(
        f"{path}: expected a study that trackoracle train wrote, got something else. {_WAY_OUT}",
        path=str(path),
    )


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path}: expected a study file that can be written, got an error "
        f"({error.strerror or error}). Choose another place.",
        path=str(path),
    )
