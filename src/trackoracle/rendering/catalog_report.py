"""A catalog report as one page of HTML that works offline, and its figures as files."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trackoracle.rendering import catalog_sentences as say
from trackoracle.rendering.catalog_figures import sections
from trackoracle.rendering.catalog_sections import by_mean, first_picked, question
from trackoracle.rendering.pages import render_page
from trackoracle.rendering.reasons import label
from trackoracle.rendering.vega import (
    Figure,
    as_json,
    as_png,
    drawn,
    inline,
    javascript,
    packed,
    theme,
)

if TYPE_CHECKING:
    from trackoracle.exploration import CatalogReport, Comparison, Genre


def catalog_report(report: CatalogReport) -> str:
    """Write a report as one HTML file: charts to point at, drawn ones for print and without script.

    Raises
    ------
    MissingExtraError
        When the extra `report` is not installed.
    """
    from markupsafe import Markup

    found = sections(report)
    every = [figure for part in found.values() for figure in part]
    # Made here from our own figures; texts of the catalog in them are escaped by the libraries.
    return render_page(
        "catalog_report.html",
        report=report,
        card=report.card,
        tiles=_tiles(report),
        figures=found,
        svgs={f.name: Markup(inline(drawn(f), f)) for f in every},  # noqa: S704
        specs=packed(as_json({f.name: f.spec for f in every})),
        themes=packed(as_json({tone: theme(tone) for tone in ("light", "dark")})),
        script=packed(javascript()),
        notes=_notes(report),
        sentences=sentences(report),
        features=feature_parts(report, found["features"]),
        levels=_paired(found["levels"]),
        genre_rows=[genre_row(g) for g in ordered(report)],
        first_picked=first_picked(report.genres) if report.genres else "",
        tests=[question_row(test) for test in report.tests],
        missing=[(label(name), n) for name, n in report.columns if n],
        caveat=say.CAVEAT,
        share=say.share,
        told=say.told,
    )


def catalog_figures(report: CatalogReport, *, png: bool = False) -> Iterator[tuple[str, bytes]]:
    """Draw each figure with its title as a file of its own: (name, content).

    Raises
    ------
    MissingExtraError
        When the extra `report` is not installed.
    """
    for part in sections(report).values():
        for figure in part:
            svg = drawn(figure, titled=True)
            if png:
                yield f"{figure.name}.png", as_png(svg)
            else:
                yield f"{figure.name}.svg", svg.encode()


def _tiles(report: CatalogReport) -> list[tuple[str, str]]:
    card = report.card
    told = [
        (card.n_tracks, "tracks"),
        (card.n_recordings, "recordings"),
        (card.n_artists, "artists"),
        (card.n_albums, "albums"),
        (report.n_genres, "genres"),
    ]
    tiles = [(f"{n:,}", name[:-1] if n == 1 else name) for n, name in told if n]
    if report.target and report.target.name == "popularity":
        tiles.append((say.told(report.target.summary.median), "median popularity"))
    if report.target and report.target.name == "hit":
        tiles.append((f"{report.target.summary.mean:.1f} %", "hits"))
    return tiles


def _notes(report: CatalogReport) -> list[str]:
    """Say on top what a reader must know before any figure."""
    notes = []
    if report.card.synthetic:
        notes.append(
            "The catalog is synthetic: nothing in this report says anything of real music."
        )
    if report.target is None:
        notes.append(
            "The catalog has neither popularity nor hits: sections that need one are left out. "
            "Map a column of yours with --map popularity=THEIRS."
        )
    if len(report.genres.genres) == 1 if report.genres else False:
        notes.append(
            "Only one genre has enough tracks: nothing can be said of what sets genres apart."
        )
    if report.genres is None:
        notes.append(
            "No genre has enough tracks to be described: the section of genres is left out."
            if report.n_genres
            else "The catalog names no genres: that section is left out."
        )
    if report.card.n_tracks < 100:
        n = report.card.n_tracks
        notes.append(f"{n:,} track{'' if n == 1 else 's'}: intervals are wide, or missing.")
    return notes


def sentences(report: CatalogReport) -> dict[str, list[str]]:
    """Return the sentences at the head of each section."""
    target = report.target
    return {
        "target": say.target_sentences(target) if target else [],
        "correlations": say.correlation_sentences(report.correlations, target, report.tests)
        if report.correlations
        else [],
        "genres": say.genre_sentences(report.genres, report) if report.genres else [],
        "moods": say.mood_sentences(report.moods, report) if report.moods else [],
        "along": [text for a in report.along if target and (text := say.along_sentence(a, target))],
        "times": say.time_sentences(report.times, target) if report.times else [],
        "tests": say.question_sentences(report.tests, target) if report.tests and target else [],
    }


def feature_parts(
    report: CatalogReport, figures: list[Figure]
) -> list[tuple[str, str, list[Figure]]]:
    """Return each feature's name, its sentence and its figures."""
    tests = {test.code: test for test in report.tests if test.kind == "along"}
    parts = []
    for feature in report.features:
        text = say.feature_sentence(feature, tests.get(feature.column), report.target)
        starts = f"feature-{feature.column}"
        own = [f for f in figures if f.name == starts or f.name.startswith(f"{starts}-by-")]
        parts.append((label(feature.column).capitalize(), text, own))
    return parts


def _paired(figures: list[Figure]) -> list[list[Figure]]:
    """Return the figures of one column side by side."""
    by: dict[str, list[Figure]] = {}
    for figure in figures:
        by.setdefault(figure.name.split("-by-")[0], []).append(figure)
    return list(by.values())


def ordered(report: CatalogReport) -> list[Genre]:
    """Return the genres in the order of the table: the highest mean first."""
    if report.genres is None:
        return []
    return by_mean(report.genres) or list(report.genres.genres)


def genre_row(genre: Genre) -> dict[str, str]:
    """Return a genre as the cells of its table."""
    own = genre.target
    numbers = ("mean", "interval", "median", "middle", "zeros")
    row = {"name": genre.name, "family": genre.family, "n": f"{genre.n_tracks:,}"}
    if own is None:
        return row | dict.fromkeys(numbers, "-")
    mean = own.mean
    return row | {
        "mean": f"{mean.value:.1f}",
        "interval": "-" if math.isnan(mean.low) else f"{mean.low:.1f} to {mean.high:.1f}",
        "median": say.told(own.median),
        "middle": f"{say.told(own.q1)} to {say.told(own.q3)}",
        "zeros": say.share(genre.zero_share or 0.0, 1.0),
    }


def question_row(test: Comparison) -> dict[str, Any]:
    """Return a question as the cells of the table of tests."""
    measures = {"two": ("d", "d"), "along": ("Spearman", "rho"), "many": ("η²", "eta2")}
    name, measure = measures[test.kind]
    difference = test.difference
    rank = test.rank_biserial
    return {
        "question": question(test),
        "groups": "; ".join(f"{g} {n:,}, mean {m:.1f}" for g, n, m in test.groups)
        if test.kind == "two"
        else f"{len(test.groups)} groups"
        if test.kind == "many"
        else "",
        "difference": f"{difference.value:+.2f}{say.between(difference)}" if difference else "",
        "effect": f"{name} {say.told_signed(test.effect.value)}{say.between(test.effect)}",
        "rank": f"{say.told_signed(rank.value)}{say.between(rank)}" if rank else "",
        "size": say.extent(test.effect, measure),
        "p": _p(test.p_holm),
        "p_rows": "" if test.p_rows is None else _p(test.p_rows),
        "beyond": test.p_holm < 0.05,
    }


def _p(p: float) -> str:
    if math.isnan(p):
        return "-"
    return "< .001" if p < 0.001 else f"{p:.3f}".lstrip("0") if p < 0.1 else f"{p:.2f}"
