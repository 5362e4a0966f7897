"""A figure as files: its rows for who cannot see it or wants to go on with them, and drawings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trackoracle.rendering.vega import Figure, as_png, drawn

_OF_THE_DRAWING = frozenset({
    "said", "line", "x", "x2", "height", "right", "kind", "is_above", "is_most", "is_own",
    "is_random",    "ends_group", "ends_worst",
})  # fmt: skip
"""Fields that only place marks."""


def figure_rows(figure: Figure) -> list[dict[str, Any]]:
    """Return what a figure shows as a table: a mapping a row.

    Examples
    --------
    >>> from trackoracle.rendering.vega import chart
    >>> spec = chart(20, rows=[{"tier": "up to 25", "probability": 0.7, "said": "70 %"}])
    >>> figure_rows(Figure("tiers", "Tiers", "", spec))
    [{'tier': 'up to 25', 'probability': 0.7}]
    """
    rows: list[dict[str, Any]] = next(_tables(figure.spec), [])
    return [{k: v for k, v in row.items() if k not in _OF_THE_DRAWING} for row in rows]


def _tables(spec: Any) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a specification and of the views in it, the outermost first."""
    if values := spec.get("data", {}).get("values"):
        yield values
    for kind in ("layer", "hconcat", "vconcat", "concat"):
        for view in spec.get(kind, ()):
            yield from _tables(view)
    if inner := spec.get("spec"):
        yield from _tables(inner)


def figure_csv(figure: Figure) -> bytes:
    """Write a figure's rows as CSV, UTF-8; no cell is a formula to a spreadsheet."""
    import polars as pl

    from trackoracle.schema import without_formulas

    rows = pl.DataFrame(figure_rows(figure), infer_schema_length=None, strict=False)
    return without_formulas(rows).write_csv().encode()


def figure_svg(figure: Figure) -> bytes:
    """Draw a figure with its title and its note, in the light theme."""
    return drawn(figure, titled=True).encode()


def figure_png(figure: Figure) -> bytes:
    """Draw the same as PNG, twice its size."""
    return as_png(drawn(figure, titled=True))
