"""Write a file whole or not at all: under a temporary name, then renamed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from trackoracle.errors import OutputError


def check_writable(path: Path) -> None:
    """Raise before long work when `path` cannot be written after it.

    Raises
    ------
    OutputError
        When the folder is missing or not writable, or `path` is a folder.
    """
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OutputError(
            f"{path}: expected an existing folder, got {str(folder)!r}, which is none. "
            "Create it first.",
            path=str(path),
        )
    if path.is_dir():
        raise OutputError(
            f"{path}: expected a file name, got a folder. Name a file in it.", path=str(path)
        )
    if not os.access(folder, os.W_OK):
        raise OutputError(
            f"{path}: expected a folder that can be written, got {str(folder)!r}, which cannot. "
            "Choose another with -o.",
            path=str(path),
        )


@contextlib.contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it onto `path` when the block succeeds.

    On any error or interrupt the temporary file is removed and what stood at
    `path` before is untouched. A private file is for its owner's eyes only, at any time.

    Examples
    --------
    >>> target = Path(tempfile.mkdtemp()) / "answer.txt"
    >>> with replacing(target) as temporary:
    ...     _ = temporary.write_text("42")
    >>> target.read_text()
    '42'
    """
    check_writable(path)
    handle, name = tempfile.mkstemp(
        dir=path.absolute().parent, prefix=f".{path.name}.", suffix=path.suffix
    )
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        if not private:  # as it was made
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o666 & ~mask)
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OSError(
            f"{path}: expected to write the whole file, got an error ({error.strerror or error}). "
            "What stood there before is unchanged; make room, or choose another place."
        ) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
