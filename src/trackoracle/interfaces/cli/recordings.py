"""Recordings that a command is given: heard one or many, with a bar and what failed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trackoracle.interfaces.cli.console import Screen
from trackoracle.settings import Settings

if TYPE_CHECKING:
    from trackoracle.schema import Heard, Unheard

TagsOption = Annotated[
    bool,
    typer.Option(
        "--tags/--no-tags", help="Whether a recording's own tags fill title, artists, genres."
    ),
]


def are_recordings(source: str) -> bool:
    """Tell whether an input is a recording, or a folder that holds any."""
    from trackoracle.audio import holds_recordings, is_recording

    path = Path(source)
    return holds_recordings(path) if path.is_dir() else is_recording(path)


def hear(
    screen: Screen, named: Sequence[str | Path], *, journal: Path | None = None, **hearing: Any
) -> tuple[list[Heard], list[Unheard]]:
    """Listen to recordings; one alone raises what is wrong with it, of several it is noted."""
    from trackoracle.audio import Hearing, find_recordings, listen_all
    from trackoracle.schema import Unheard

    paths, how = find_recordings(named), Hearing(**hearing)
    if len(paths) == 1:
        with _decoders_silent():
            return [how.listen(paths[0])], []
    with screen.progress("listening") as progress:
        answers = listen_all(
            paths,
            how,
            n_jobs=Settings.from_environment().n_jobs,
            journal=journal,
            progress=progress,
        )
    unheard = [answer for answer in answers if isinstance(answer, Unheard)]
    for each in unheard:
        screen.note(f"not heard: {each.reason}")
    if unheard:
        screen.note(f"{len(unheard):,} of {len(paths):,} recordings were not heard")
    return [answer for answer in answers if not isinstance(answer, Unheard)], unheard


@contextmanager
def _decoders_silent() -> Iterator[None]:
    """Keep decoders from writing what they think of a damaged file to standard error."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        for handle in (kept, nowhere):
            os.close(handle)
