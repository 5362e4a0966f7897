"""`playlist`: tracks that meet conditions, with variety, in a smooth order."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from trackoracle.errors import ConfigError, OutputError
from trackoracle.interfaces.cli.catalog_commands import (
    CatalogArgument,
    EncodingOption,
    InvalidOption,
    JsonOption,
    MapOption,
    QuietOption,
)
from trackoracle.interfaces.cli.console import (
    Screen,
    check_outputs,
    column_map,
    column_range,
    write_text,
)
from trackoracle.interfaces.cli.similar_command import IndexOption
from trackoracle.rendering import playlist_m3u8, playlist_rows, playlist_table, playlist_uris
from trackoracle.schema import Playlist, check_table_path, write_sheet

_LISTS = (".m3u8", ".txt")


def playlist(
    catalog: CatalogArgument,
    mood: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            help="happy, angry, sad or calm (valence and energy at .5); or a fifth of valence: "
            "very-dark, dark, neutral, bright, very-bright."
        ),
    ] = None,
    genre: Annotated[Optional[str], typer.Option(help="A genre that every track has.")] = None,  # noqa: UP045
    min_popularity: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="The least popularity."),
    ] = None,
    ranges: Annotated[
        list[str],
        typer.Option(
            "--range",
            metavar="COLUMN=LOW:HIGH",
            help="Numbers that a track may have; an end may be left out. May be repeated.",
        ),
    ] = [],  # noqa: B006
    seed_tracks: Annotated[
        list[str],
        typer.Option(
            "--seed-track",
            metavar="ID",
            help="A track of CATALOG to sound like, by id or row's number. May be repeated.",
        ),
    ] = [],  # noqa: B006
    n: Annotated[int, typer.Option("-n", help="Tracks wanted.")] = 15,
    per_artist: Annotated[int, typer.Option(help="Most tracks of anyone credited.")] = 1,
    seed: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Draw among the tracks instead of taking the most popular."),
    ] = None,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--output",
            "-o",
            help="Write the playlist: .m3u8, .csv (also .tsv, .parquet, .jsonl), or Spotify URIs "
            "one a line as .txt.",
        ),
    ] = None,
    json: JsonOption = None,
    index: IndexOption = True,
    columns: MapOption = [],  # noqa: B006
    on_invalid: InvalidOption = None,
    encoding: EncodingOption = "utf-8",
    quiet: QuietOption = False,
) -> None:
    """Make a playlist: filter a catalog, or take what sounds like some of its tracks.

    No recording stands twice, no artist more often than --per-artist, and the order keeps steps of
    tempo and energy small; half and double time count as one tempo. When nothing meets every
    condition, the answer says which one left none and the nearest choice that leaves some. In
    written CSV, text that a spreadsheet may take for a formula begins with an apostrophe.

    Examples:

        trackoracle playlist dataset.csv --mood calm --min-popularity 40 -o evening.m3u8

        trackoracle playlist dataset.csv --genre techno --range tempo=125:135 --range energy=0.6:

        trackoracle playlist dataset.csv --seed-track ID -n 30 -o like.csv

        trackoracle playlist dataset.csv --mood happy --seed 7 -o spotify.txt
    """
    import trackoracle
    from trackoracle.oracle import open_index

    screen = Screen(quiet=quiet)
    if output and output.suffix.lower() not in _LISTS:
        check_table_path(output)
    check_outputs((output, json), (catalog,))
    wish = trackoracle.PlaylistWish(
        n=n,
        mood=mood,
        genre=genre,
        min_popularity=min_popularity,
        ranges=_ranges(ranges),
        seeds=seed_tracks,
        most_of_artist=per_artist,
        seed=seed,
    )
    read: dict[str, Any] = {
        "columns": column_map(columns),
        "on_invalid": on_invalid,
        "encoding": encoding,
    }
    loaded = trackoracle.load_catalog(catalog, **read)
    opened = None
    if seed_tracks:
        with screen.progress("index") as progress:
            opened = open_index(catalog, **read, keep=index, progress=progress, note=screen.note)
    made = trackoracle.make_playlist(loaded, wish, index=opened)
    if output:
        _write(made, output, screen)
    if json:
        screen.json(made.to_dict(), json)
    if json != "-":
        screen.answer(playlist_table(made))


def _ranges(texts: list[str]) -> dict[str, tuple[float | None, float | None]]:
    given = [column_range(text) for text in texts]
    names = [name for name, _ in given]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ConfigError(
            f"--range: expected each column once, got {twice} {names.count(twice)} times. "
            "Give both ends in one."
        )
    return dict(given)


def _write(made: Playlist, output: Path, screen: Screen) -> None:
    match output.suffix.lower():
        case ".m3u8":
            write_text(output, playlist_m3u8(made, output.stem))
        case ".txt":
            uris = playlist_uris(made)
            n = uris.count("\n")
            if not n:
                raise OutputError(
                    f"{output}: expected tracks with ids of Spotify, got none. Write .csv or "
                    ".m3u8 instead."
                )
            if n < len(made.tracks):
                screen.note(f"{len(made.tracks) - n:,} tracks have no id of Spotify: left out")
            write_text(output, uris)
        case _:
            write_sheet(playlist_rows(made), output)
    screen.note(f"wrote {output}")
