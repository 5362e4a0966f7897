"""Which track columns each model input comes from: what people are told instead of inputs."""

from __future__ import annotations

from collections.abc import Iterable

from trackoracle.features.blocks import HistoryBlock, MembershipBlock, PhraseBlock, RowBlock
from trackoracle.features.derived import DERIVED
from trackoracle.features.prepared import (
    ALBUM,
    ALBUM_TITLE,
    ARTISTS,
    FEATURED,
    N_ARTISTS,
    PHRASES_OF,
    RELEASE_YEAR,
    TEXT_COLUMNS,
    TITLE,
)
from trackoracle.features.recipe import Recipe
from trackoracle.features.texts import SHAPES
from trackoracle.schema import TRACK_COLUMNS

Columns = tuple[str, ...]

_OF_LISTS: dict[str, Columns] = {
    ARTISTS: ("artists",),
    FEATURED: ("artists",),
    TITLE: ("track_name",),
    ALBUM: ("artists", "album_name"),
    ALBUM_TITLE: ("album_name",),
    **{phrases: (TEXT_COLUMNS[text],) for phrases, (text, _) in PHRASES_OF.items()},
}
_OF_ROWS: dict[str, Columns] = {
    **{derived.name: derived.needs for derived in DERIVED},
    RELEASE_YEAR: ("release_date",),
    N_ARTISTS: ("artists",),
    **{f"{text}_{shape}": (column,) for text, column in TEXT_COLUMNS.items() for shape in SHAPES},
    **{
        f"{part}_{how}_album": (TEXT_COLUMNS[part], "album_name")
        for part in ("title", "artist")
        for how in ("is", "in")
    },
}


def origins(recipe: Recipe) -> tuple[Columns, ...]:
    """Return the track columns that each input is made from: (d,) tuples, in the schema's order.

    What needs several columns is told of all of them together: it is missing without any,
    and giving it to one would be made up.
    """
    found: list[Columns] = []
    for block in recipe.blocks:
        match block:
            case RowBlock():
                found += [_in_order(_OF_ROWS.get(name, (name,))) for name in block.names]
            case MembershipBlock():
                found += [(block.column,)] * len(block.names)
            case HistoryBlock() | PhraseBlock():
                columns = _in_order(_OF_LISTS.get(block.column, (block.column,)))
                found += [columns] * len(block.names)
            case _:
                raise TypeError(f"recipe: expected a known block, got {type(block).__name__}")
    return tuple(found)


def _in_order(columns: Iterable[str]) -> Columns:
    places = {name: i for i, name in enumerate(TRACK_COLUMNS)}
    return tuple(sorted(columns, key=lambda name: (places.get(name, len(places)), name)))
