"""What every command shares: where answers, notes and progress go, and how files are written."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import fill
from typing import Any, TextIO

import polars as pl
from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from trackoracle.atomic import check_writable, replacing
from trackoracle.errors import ConfigError, SourceError
from trackoracle.rendering import to_json
from trackoracle.schema import as_polars, json_kind

_PIPE_WIDTH = 120


class Screen:
    """Answers on standard output, all else on standard error."""

    def __init__(self, *, quiet: bool = False) -> None:
        told = sys.stdout.isatty() or "COLUMNS" in os.environ
        width = None if told else _PIPE_WIDTH
        self.out = Console(width=width, highlight=False)
        self.err = Console(stderr=True, quiet=quiet, highlight=False)

    def answer(self, what: RenderableType) -> None:
        """Print the answer for people."""
        self.out.print(what)

    def lines(self, text: str) -> None:
        """Print lines that are never broken, so that addresses in them can be copied."""
        self.out.print(text, markup=False, soft_wrap=True)

    def note(self, text: str) -> None:
        """Print a note beside the answer, so that a path in it is found and copied whole.

        A terminal breaks it between words, a log or a pipe nowhere.
        """
        if self.err.is_terminal:
            text = fill(text, self.err.width, break_long_words=False, break_on_hyphens=False)
        self.err.print(text, style="dim", markup=False, soft_wrap=True)

    def json(self, facts: Any, path: str) -> None:
        """Write plain data to a file, or to standard output for "-"."""
        if path == "-":
            sys.stdout.write(to_json(facts) + "\n")
        else:
            write_text(Path(path), to_json(facts) + "\n")
            self.note(f"wrote {path}")

    def json_each(self, items: Iterable[Any], path: str) -> None:
        """Write a list of plain data, one after the other: they need not fit into memory."""
        if path == "-":
            _write_list(items, sys.stdout)
            return
        with replacing(Path(path)) as temporary, temporary.open("w", encoding="utf-8") as out:
            _write_list(items, out)
        self.note(f"wrote {path}")

    @contextmanager
    def progress(
        self, title: str, *, in_bytes: bool = False
    ) -> Iterator[Callable[[int, int, str], None]]:
        """Show a bar with the time left; give the function that moves it."""
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            DownloadColumn() if in_bytes else MofNCompleteColumn(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            TextColumn("[dim]{task.fields[last]}"),
            console=self.err,
            transient=True,
        )
        with bar:
            task = bar.add_task(title, total=None, last="")

            def move(n_done: int, n_all: int, last: str) -> None:
                bar.update(task, completed=n_done, total=n_all or None, last=last)

            yield move


def _write_list(items: Iterable[Any], out: TextIO) -> None:
    for i, facts in enumerate(items):
        out.write((",\n" if i else "[\n") + to_json(facts))
    out.write("\n]\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def check_outputs(outputs: Iterable[Path | str | None], inputs: Iterable[Path | str]) -> None:
    """Raise before any work when an output cannot be written, or would replace an input.

    None, and - for standard output, are no files.
    """
    read = [Path(source) for source in inputs]
    for output in (Path(path) for path in outputs if path and path != "-"):
        check_writable(output)
        if output.exists() and any(path.exists() and output.samefile(path) for path in read):
            raise ConfigError(f"{output}: expected another file than the input. Name another.")


def column_map(pairs: list[str]) -> dict[str, str]:
    """Read --map column=their_column."""
    return dict(_pair(pair, "--map column=their_column") for pair in pairs)


def column_range(text: str) -> tuple[str, tuple[float | None, float | None]]:
    """Read --range COLUMN=LOW:HIGH, of which an end may be left out."""
    name, _, ends = text.partition("=")
    low, colon, high = ends.partition(":")
    try:
        if not name.strip() or not colon or not (low.strip() or high.strip()):
            raise ValueError
        return name.strip(), (
            float(low) if low.strip() else None,
            float(high) if high.strip() else None,
        )
    except ValueError:
        raise ConfigError(
            f"--range: expected COLUMN=LOW:HIGH, as tempo=90:120 or energy=:0.8, got {text!r}. "
            "Correct it."
        ) from None


def overrides(pairs: list[str]) -> dict[str, str]:
    """Read --set key=value."""
    return dict(_pair(pair, "--set key=value") for pair in pairs)


def _pair(text: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ConfigError(f"expected {form}, got {text!r}. Correct it.")
    return name.strip(), value


def rows_from_standard_input() -> pl.DataFrame:
    """Read JSON lines, one track a line."""
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else error
            raise SourceError(
                f"standard input: expected a JSON object a line, got an error in line {number} "
                f"({reason}). Correct that line.",
                line=number,
            ) from error
        if not isinstance(row, dict):
            raise SourceError(
                f"standard input: expected a JSON object a line, got {json_kind(row)} in "
                f"line {number}. Correct that line.",
                line=number,
            )
        rows.append(row)
    if not rows:
        raise SourceError(
            "standard input: expected at least one track, got none. "
            'Give one a line, as {"tempo": 120, "genre": "pop"}.'
        )
    return as_polars(rows)[0]
