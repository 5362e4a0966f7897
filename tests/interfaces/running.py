"""The installed console script, run as people run it, and the same command in this process."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from trackoracle.interfaces import cli

SCRIPT = Path(sys.executable).with_name("trackoracle")


def run(*arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run the installed script: each command at least once, and what a process of its own shows.

    Those are exit codes, signals, limits, and that all it needs is imported.
    """
    return subprocess.run(
        [SCRIPT, *map(str, arguments)], input=stdin, capture_output=True, text=True, check=False
    )


def run_here(*arguments: object, stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
    """Run a command in this process: for what it says and writes, without a script's two seconds.

    Only the script's start and end are left out. A warning fails the test here; an exception
    that a script would show as a traceback is raised.
    """
    content = stdin if isinstance(stdin, bytes) else stdin.encode()
    told, out, err = (
        io.TextIOWrapper(io.BytesIO(given), encoding="utf-8", write_through=True)
        for given in (content, b"", b"")
    )
    words = [str(argument) for argument in arguments]
    with patch.object(sys, "stdin", told), redirect_stdout(out), redirect_stderr(err):
        code = cli._run(words)
    said, noted = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(words, code, said, noted)
