"""What live services and data sets gave, as text and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trackoracle.schema import TERMS_COLUMN, Fetched, LookedUpTrack, Lookup, Provided

if TYPE_CHECKING:
    from trackoracle.providers import DataSet

_MOST_ROWS = 50
_NOT_GIVEN = "-"
_LINK = "link"
"""Stands for a provider where the id alone is known."""


def lookup_notes(found: Lookup) -> tuple[str, ...]:
    """Say who gave what, what nobody gave, and what went wrong."""
    by_provider: dict[str, dict[str, None]] = {}
    for field in (field for track in found.found for field in _told(track)):
        by_provider.setdefault(field.provider, {})[field.column] = None
    said = [
        f"{provider} gave {', '.join(columns)}."
        for provider, columns in by_provider.items()
        if provider != _LINK
    ]
    if found.missing:
        said.append(f"Nobody gave {', '.join(found.missing)}: missing.")
    return (*said, *found.notes)


def lookup_table(found: Lookup) -> RenderableType:
    """Show the values of one track with their source, or a row for each of several tracks."""
    title = f"{found.link.kind.capitalize()} {found.name or found.link.id}"
    table = titled_table(title)
    if len(found.found) == 1:
        _rows_of_one(table, found.found[0])
    else:
        _rows_of_several(table, found.found)
    return Group(table, Text(_order_text(found), style="dim"))


def titled_table(title: str, *heads: str) -> Table:
    """Begin a table under a title, its columns as wide as they need."""
    table = Table(
        title=escape(title),
        title_style="bold",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def _rows_of_one(table: Table, track: LookedUpTrack) -> None:
    for head in ("column", "value", "provider", "fetched (UTC)"):
        table.add_column(head, overflow="fold")
    for field in track.fields:
        table.add_row(field.column, escape(_value(field)), field.provider, _moment(field.fetched))


def _rows_of_several(table: Table, tracks: Sequence[LookedUpTrack]) -> None:
    for head in ("", "track", "artists", "released", "by Spotify", "by ReccoBeats"):
        table.add_column(head, overflow="fold")
    for i, track in enumerate(tracks[:_MOST_ROWS], start=1):
        names = (track.of(name) for name in ("track_name", "artists", "release_date"))
        shown = [escape(_value(field)) if field else _NOT_GIVEN for field in names]
        counts = [
            sum(field.provider == provider for field in _told(track))
            for provider in ("Spotify", "ReccoBeats")
        ]
        table.add_row(str(i), *shown, *map(str, counts))
    if len(tracks) > _MOST_ROWS:
        table.caption = f"... and {len(tracks) - _MOST_ROWS:,} more tracks; --json F writes all"


def _told(track: LookedUpTrack) -> list[Provided]:
    return [field for field in track.fields if field.column != TERMS_COLUMN]


def _order_text(found: Lookup) -> str:
    lines = [f"{', then '.join(providers)}: {what}" for what, providers in found.order]
    return "\n".join(("Who gives what, first to last:", *lines))


def _value(field: Provided) -> str:
    if isinstance(field.value, tuple):
        return ", ".join(field.value)
    return f"{field.value:.10g}" if isinstance(field.value, float) else str(field.value)


def _moment(text: str) -> str:
    return text[:19].replace("T", " ") or _NOT_GIVEN


def data_sets_table(data_sets: Sequence[DataSet]) -> RenderableType:
    """List the data sets that can be fetched."""
    table = titled_table("Public data sets", "name", "what", "files", "licence")
    for one in data_sets:
        licence = escape(one.licence)
        table.add_row(one.name, escape(one.title), str(len(one.files)), licence)
    return table


def data_sets_pages(data_sets: Sequence[DataSet]) -> str:
    """Tell where data sets come from, each address on a line of its own to be copied."""
    return "\n".join(f"{one.name}\n  {one.page}" for one in data_sets)


def fetched_table(fetched: Fetched) -> RenderableType:
    """Show the files of a data set, and what they were held to."""
    table = titled_table(fetched.title, "file", "bytes", "sha256", "held to")
    for file in fetched.files:
        held_to = f"{file.checked}{'; was there' if file.already else ''}"
        digits = f"{file.sha256[:16]}..."
        table.add_row(escape(file.path), f"{file.n_bytes:,}", digits, escape(held_to))
    return Group(table, Text(f"{fetched.source}; licence: {fetched.licence}", style="dim"))
