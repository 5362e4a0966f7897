"""What was heard, as tables for a terminal."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trackoracle.rendering.reasons import shown_value
from trackoracle.schema import ERROR_LEVEL, ESTIMATED, Heard

_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDE = 76
"""Characters of a terminal that has room for long bars."""
_SILENT = -70.0
"""Where a silent part is drawn, LUFS."""
_MOST_ROWS = 50
_NARROW_FIRST = (
    "energy", "danceability", "valence", "acousticness", "instrumentalness", "speechiness",
    "liveness",
)  # fmt: skip
"""The features that a narrow table shows first."""
_SHORTEST_NAME, _BESIDE_FEATURES, _A_FEATURE = 20, 56, 6
"""Characters of a name at least, of all but the features in a table of several, of a feature."""
_TAGS = {"track_name": "title", "artists": "artists", "album_name": "album", "year": "year",
         "genres": "genres", "isrc": "ISRC"}  # fmt: skip


def heard_view(heard: Sequence[Heard], *, width: int = 100, tags: bool = True) -> RenderableType:
    """Show what was heard: all of one recording, a row each of several.

    Parameters
    ----------
    width
        Characters of the terminal.
    tags
        Whether to show what a file says of itself.
    """
    return _one(heard[0], width, tags) if len(heard) == 1 else _several(heard, width)


def _one(heard: Heard, width: int, tags: bool) -> RenderableType:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, title in _TAGS.items() if tags else ():
        told = heard.tags.get(name)
        if told:
            facts.add_row(title, escape(", ".join(told) if isinstance(told, tuple) else str(told)))
    for title, told in _measured(heard):
        facts.add_row(title, told)
    parts: list[RenderableType] = [Text(Path(heard.file).name, style="bold"), facts]
    if heard.estimated:
        parts += [Text(), _estimates(heard, 20 if width >= _WIDE else 10)]
    parts += [Text(), _timeline(heard, 40 if width >= _WIDE else 20)]
    parts += [Text(warning, style="yellow") for warning in heard.warnings]
    return Group(*parts)


def _measured(heard: Heard) -> list[tuple[str, str]]:
    """Say in words what was measured."""
    told = heard.measured
    start, end = heard.representative
    excerpt = f" (an excerpt, from {_clock(heard.start)} on)" if heard.is_excerpt else ""
    found = [("length", _clock(heard.seconds) + excerpt)]
    loudness = [
        (told.get("loudness_lufs"), "{:.1f} LUFS"),
        (told.get("loudness_range"), "range {:.1f} LU"),
        (told.get("peak_db"), "peak {:.1f} dBFS"),
        (told.get("loudness"), "{:.1f} dB as catalogs tell it"),
    ]
    parts = [words.format(value) for value, words in loudness if value is not None]
    found.append(("loudness", ", ".join(parts) or "nothing sounds"))
    found.append(("tempo", tempo_text(heard)))
    found.append(("key", key_text(heard)))
    beats = told.get("time_signature")
    found.append(("beats in a bar", "cannot be told" if beats is None else f"{beats:.0f}"))
    if told.get("silence"):
        found.append(("silent", f"{100 * (told['silence'] or 0):.0f} % of it"))
    if end > start:
        found.append(("most like the whole", f"{_clock(start)} to {_clock(end)}"))
    return found


def tempo_text(heard: Heard) -> str:
    """Say the tempo, how sure it is, and what else fits."""
    tempo, sure = heard.measured.get("tempo"), heard.measured.get("tempo_confidence") or 0.0
    if tempo is None:
        return "cannot be told"
    others = [f"{bpm:.0f}" for bpm, _ in heard.tempo_alternatives[:2]]
    also = f"; else {' or '.join(others)}" if others else ""
    return f"{tempo:.1f} BPM (sure: {sure:.2f}{also})"


def key_text(heard: Heard) -> str:
    """Say key and mode, and how sure they are."""
    key, mode = heard.measured.get("key"), heard.measured.get("mode")
    if key is None or key < 0 or mode is None:
        return "cannot be told"
    sure = heard.measured.get("key_confidence") or 0.0
    named = f"{shown_value('key', key)} {shown_value('mode', mode)}"
    return f"{named} (sure: {sure:.2f})"


def _estimates(heard: Heard, n_cells: int) -> Table:
    table = Table(
        title="Estimated from the sound",
        caption=f"{100 * ERROR_LEVEL:.0f} in 100 true values lie between such bounds.",
        title_style="bold",
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    table.add_column("feature", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("between", justify="right", no_wrap=True)
    table.add_column("0" + " " * (n_cells - 2) + "1", no_wrap=True)
    for name in ESTIMATED:
        told = heard.estimated[name]
        bar = _bar((told.low, told.value, told.high), n_cells)
        table.add_row(name, f"[bold]{told.value:.2f}[/]", f"{told.low:.2f} to {told.high:.2f}", bar)
    return table


def _bar(shares: tuple[float, float, float], n_cells: int) -> Text:
    places = [round(share * (n_cells - 1)) for share in shares]
    cells = ["─" if places[0] <= i <= places[2] else " " for i in range(n_cells)]
    cells[places[1]] = "●"
    return Text("".join(cells), style="cyan")


def _timeline(heard: Heard, n_cells: int) -> RenderableType:
    line = heard.timeline
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(style="dim", no_wrap=True)
    heard_parts = [value for value in line.loudness_lufs if value is not None]
    loudness = [_SILENT if value is None else value for value in line.loudness_lufs]
    rows = [
        ("energy", _sparks(line.energy_db, n_cells), _range(line.energy_db, "dB")),
        ("loudness", _sparks(loudness, n_cells),
         _range(heard_parts, "LUFS")),
        ("brightness", _sparks(line.brightness_hz, n_cells), _range(line.brightness_hz, "Hz")),
        ("pulse", _sparks(line.pulse, n_cells), ""),
    ]  # fmt: skip
    for name, drawn, ends in rows:
        grid.add_row(name, Text(drawn, style="cyan"), ends)
    return Group(
        Text(f"Timeline, {_clock(heard.start)} to {_clock(heard.start + heard.seconds)}", "bold"),
        grid,
    )


def _sparks(values: Sequence[float], n_cells: int) -> str:
    """Draw values as blocks, several to a block where there are more than fit."""
    if not values:
        return ""
    n = min(n_cells, len(values))
    ends = [round(i * len(values) / n) for i in range(n + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in itertools.pairwise(ends) if b > a]
    low, span = min(means), (max(means) - min(means)) or 1.0
    return "".join(_BLOCKS[round((value - low) / span * (len(_BLOCKS) - 1))] for value in means)


def _range(values: Sequence[float], unit: str) -> str:
    return f"{min(values):,.0f} to {max(values):,.0f} {unit}" if values else ""


def _several(heard: Sequence[Heard], width: int) -> RenderableType:
    room = (width - _BESIDE_FEATURES) // _A_FEATURE
    shown = sorted(_NARROW_FIRST[: max(room, 1)])
    table = Table(
        title=f"{len(heard):,} recordings",
        title_style="bold",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    room = width - _BESIDE_FEATURES + _SHORTEST_NAME - _A_FEATURE * len(shown)
    names = [_shortened(Path(each.file).name, room) for each in heard[:_MOST_ROWS]]
    table.add_column("recording", no_wrap=True)
    for head in ("length", "LUFS", "BPM", "key", *(name[:5] for name in shown)):
        table.add_column(head, justify="right", no_wrap=True)
    for each, name in zip(heard, names, strict=False):
        told = each.measured
        table.add_row(
            escape(name),
            _clock(each.seconds),
            _number(told.get("loudness_lufs"), 0),
            _number(told.get("tempo"), 0),
            "-" if told.get("key") is None else key_text(each).partition(" (")[0],
            *(_number(each.estimated[name].value, 2) if each.estimated else "-" for name in shown),
        )
    lines = []
    if len(heard) > _MOST_ROWS:
        rest = len(heard) - _MOST_ROWS
        lines.append(Text(f"... and {rest:,} more; -o F writes all", style="dim"))
    lines.append(Text("-o F writes all features, each with its error.", style="dim"))
    lines += [
        Text(f"{Path(each.file).name}: {' '.join(each.warnings)}", style="yellow")
        for each in heard[:_MOST_ROWS]
        if each.warnings
    ]
    return Group(table, *lines)


def _shortened(name: str, room: int) -> str:
    """Cut a name in its middle: the ends tell most."""
    if len(name) <= room:
        return name
    end = (room - 1) // 2
    return f"{name[: room - 1 - end]}…{name[-end:]}"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _clock(seconds: float) -> str:
    """Write seconds as a clock does.

    Examples
    --------
    >>> _clock(215.4), _clock(7384)
    ('3:35', '2:03:04')
    """
    hours, rest = divmod(int(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
