"""A catalog report part by part: for pages that show one part at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from trackoracle.rendering.catalog_figures import sections
from trackoracle.rendering.catalog_report import (
    feature_parts,
    genre_row,
    ordered,
    question_row,
    sentences,
)
from trackoracle.rendering.reasons import label
from trackoracle.rendering.vega import Figure, Spec

if TYPE_CHECKING:
    from trackoracle.exploration import CatalogReport, CatalogSection

_GENRE_HEADS = {
    "name": "genre", "family": "family", "n": "tracks", "mean": "mean",
    "interval": "95 % interval", "median": "median", "middle": "middle half",
}  # fmt: skip
_TEST_HEADS = {
    "question": "question", "groups": "groups", "difference": "difference", "effect": "effect",
    "rank": "rank-biserial", "size": "size", "p": "p, Holm", "p_rows": "p, Welch alone",
}  # fmt: skip


@dataclass(frozen=True)
class CatalogPart:
    """One part of a report.

    Parameters
    ----------
    name
        What it is called.
    sentences
        What is to be said of it.
    figures
        In the order of the report.
    tables
        By what they are called.
    choices
        Where it is of one thing at a time, as one feature: each one's sentences and figures.
    genres
        Where its figures are of one genre at a time: which there are; see `of_genre`.
    """

    name: str
    sentences: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[tuple[str, pl.DataFrame], ...] = ()
    choices: dict[str, tuple[str, tuple[Figure, ...]]] = field(default_factory=dict)
    genres: tuple[str, ...] = ()


def catalog_parts(report: CatalogReport) -> list[CatalogPart]:
    """Return the parts that a report has anything for, in the order of its page.

    Examples
    --------
    >>> import trackoracle as to
    >>> report = to.explore(to.load_catalog("sample"), audit=False)
    >>> [part.name for part in catalog_parts(report)][:3]
    ['Popularity', 'Moods', 'Features']
    """
    found, said = sections(report), sentences(report)
    target = "Hits" if report.target and report.target.name == "hit" else "Popularity"
    features = {
        name: (text, tuple(own)) for name, text, own in feature_parts(report, found["features"])
    }
    picked = tuple(genre.name for genre in report.genres.genres) if report.genres else ()
    parts = [
        CatalogPart(target, tuple(said["target"]), tuple(found["target"])),
        CatalogPart("Moods", tuple(said["moods"]), tuple(found["moods"])),
        CatalogPart("Features", choices=features),
        CatalogPart("Key, mode and beat", figures=tuple(found["levels"])),
        CatalogPart("Correlations", tuple(said["correlations"]), tuple(found["correlations"])),
        CatalogPart("Genres", tuple(said["genres"]), tuple(found["genres"]), _genres(report)),
        CatalogPart("One genre", figures=tuple(found["picked"]), genres=picked),
        CatalogPart("Duration and tempo", tuple(said["along"]), tuple(found["along"])),
        CatalogPart("Artists and tracks", tables=_names(report)),
        CatalogPart("Time", tuple(said["times"]), tuple(found["times"])),
        CatalogPart("Tests", tuple(said["tests"]), tuple(found["tests"]), _tests(report)),
    ]
    return [part for part in parts if part.figures or part.tables or part.choices]


def of_genre(figure: Figure, genre: str) -> Figure:
    """Return a figure of one genre at a time with the rows of that genre alone.

    Examples
    --------
    >>> spec = {"params": [{"name": "genre", "value": "a"}],
    ...         "data": {"values": [{"genre": "a"}, {"genre": "b"}]}}
    >>> of_genre(Figure("f", "F", "", spec), "b").spec["data"]["values"]
    [{'genre': 'b'}]
    """
    params = [
        {**param, "value": genre} if param["name"] == "genre" else param
        for param in figure.spec.get("params", ())
    ]
    spec = _only(figure.spec, genre)
    layers = {"layer": [_only(layer, genre) for layer in spec["layer"]]} if "layer" in spec else {}
    return replace(figure, spec={**spec, **layers, "params": params})


def part_of(section: CatalogSection) -> CatalogPart | None:
    """Return what is to be shown of a section; None where the catalog has nothing for it.

    Of the features, and of the genres one by one, the part holds the chosen one alone.

    Examples
    --------
    >>> import trackoracle as to
    >>> report = to.explore(to.load_catalog("sample"), audit=False)
    >>> part_of(report.section("features", "energy")).name
    'Energy'
    """
    parts = {part.name.lower(): part for part in catalog_parts(section.report)}
    part = parts.get(section.name)
    if part is None or not section.of:
        return part
    if part.choices:
        name = label(section.of).capitalize()
        said, figures = part.choices[name]
        return CatalogPart(name, (said,), figures)
    own = tuple(of_genre(figure, section.of) for figure in part.figures)
    return replace(part, name=f"{part.name}: {section.of}", figures=own)


def _only(view: Spec, genre: str) -> Spec:
    rows = view.get("data", {}).get("values")
    if rows is None:
        return view
    return {**view, "data": {"values": [r for r in rows if r.get("genre", genre) in (genre, None)]}}


def _genres(report: CatalogReport) -> tuple[tuple[str, pl.DataFrame], ...]:
    rows = [genre_row(genre) for genre in ordered(report)]
    if not rows:
        return ()
    zeros = "misses" if report.target and report.target.name == "hit" else "popularity 0"
    heads = _GENRE_HEADS | {"zeros": zeros}
    if report.target is None:
        heads = dict(list(heads.items())[:3])
    return ((f"All {len(rows)} genres", _table(rows, heads)),)


def _tests(report: CatalogReport) -> tuple[tuple[str, pl.DataFrame], ...]:
    rows = [question_row(test) for test in report.tests]
    return (("Tests", _table(rows, _TEST_HEADS)),) if rows else ()


def _table(rows: Sequence[dict[str, Any]], heads: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {head: pl.Series([row[name] for row in rows], dtype=pl.String)
         for name, head in heads.items()}
    )  # fmt: skip


def _names(report: CatalogReport) -> tuple[tuple[str, pl.DataFrame], ...]:
    names = report.names
    if names is None:
        return ()
    mean = "hits, %" if report.target and report.target.name == "hit" else "mean popularity"
    least = f"of at least {names.least} recording{'' if names.least == 1 else 's'}"
    tables = [
        (f"Artists with the highest mean, {least}", names.by_mean),
        ("Artists with the most recordings", names.by_count),
    ]
    told = [
        (
            title,
            pl.DataFrame({
                "artist": pl.Series([one.name for one in listed], dtype=pl.String),
                mean: pl.Series([round(one.mean, 1) for one in listed], dtype=pl.Float64),
                "recordings": pl.Series([one.n_recordings for one in listed], dtype=pl.Int64),
            }),
        )
        for title, listed in tables
    ]  # fmt: skip
    if names.tracks:
        tracks = pl.DataFrame({
            "title": [one.title for one in names.tracks],
            "artists": [one.artists for one in names.tracks],
            "genres": [one.genres for one in names.tracks],
            "popularity": [one.value for one in names.tracks],
        })  # fmt: skip
        told.append(("Most popular tracks, the best release of each recording", tracks))
    return tuple(told)
