"""Results show themselves: in light and dark, escaped, and never at the cost of the result."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import soundfile
from tests.audio.sounds import chord

import trackoracle as to
from trackoracle import rendering
from trackoracle.oracle import Enriched
from trackoracle.rendering import notebook_html, notebook_pieces
from trackoracle.rendering.notebook import _VIEWS
from trackoracle.schema import (
    ArtistMatch,
    Enrichment,
    Fetched,
    FetchedFile,
    Heard,
    LookedUpTrack,
    Lookup,
    Provided,
    Pulled,
    Pushed,
    ServiceLink,
    Shown,
)

HOSTILE = "<img src=x onerror=alert(1)> & \"quoted\" 'it' </style></svg>"
TRACK = {"genre": "pop", "tempo": 120.0, "energy": 0.8, "duration_ms": 200_000.0}


class Tags(HTMLParser):
    """What a text makes a browser do: its elements and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def hostile(small_catalog: to.Catalog) -> to.Catalog:
    """Tracks that are all called as no track should be."""
    own = small_catalog.tracks.with_columns(track_name=pl.lit(HOSTILE), album_name=pl.lit(HOSTILE))
    return to.load_catalog(own.head(300), on_invalid="null")


TITLE = Provided("track_name", HOSTILE, "Spotify", "2026-03-01T12:00:00+00:00")
FOUND = LookedUpTrack((TITLE,))
HIT = to.Hit(above=40)
GRID = to.ExperimentSettings(candidates=("tree",), resampling=("none",), n_folds=2, n_bootstrap=20)


def heard(folder: Path) -> Heard:
    """A short recording whose name is what no name should be."""
    path = folder / "<script>.wav"
    soundfile.write(path, chord(4.0, 22_050), 22_050)
    return to.listen(path)


ASKED: dict[str, Callable[[to.Oracle, to.Catalog], Any]] = {
    "AuditReport": lambda _, c: to.audit_catalog(c, protocols=False),
    "Catalog": lambda _, c: c,
    "CatalogReport": lambda _, c: to.explore(c, audit=False),
    "CatalogSection": lambda _, c: to.explore(c, audit=False).section("artists and tracks"),
    "Counterfactuals": lambda o, _: o.counterfactuals({**TRACK, "track_name": HOSTILE}, goal=60),
    "Dependence": lambda o, _: o.dependence(TRACK, "tempo"),
    "DependenceMap": lambda o, _: o.dependence_map(TRACK, ("tempo", "energy")),
    "Distribution": lambda o, c: o.distribution(c.tracks.head(3)),
    "Enriched": lambda _, c: Enriched(c, Enrichment((), 0.9, HOSTILE)),
    "Evaluation": lambda o, _: o.evaluate("sample", n_bootstrap=5),
    "Experiment": lambda _, c: to.run_experiments(
        c, target=to.Hit(above=40), settings=GRID, n_jobs=1
    ),
    "Explanation": lambda o, _: o.explain({**TRACK, "track_name": HOSTILE}),
    "Importance": lambda o, c: o.importance(c.tracks.head(60)),
    "Lookup": lambda _, __: Lookup(ServiceLink("track", "0" * 22), HOSTILE, (FOUND,)),
    "Oracle": lambda o, _: o,
    "Playlist": lambda _, c: to.make_playlist(c, to.PlaylistWish(mood="happy", n=5)),
    "Ranking": lambda o, c: o.rank(c.tracks.head(4)),
    "Report": lambda o, _: o.report,
    "Similar": lambda _, c: to.similar(c, {"energy": 0.9, "tempo": 174.0}, k=3),
    "Triage": lambda _, c: to.triage(to.load_oracle(), c),
}
"""A way to each result that needs no network, no recording and no grid."""


@pytest.mark.parametrize("kind", sorted(ASKED))
def test_a_result_shows_itself_and_trusts_no_name(
    kind: str, small_oracle: to.Oracle, hostile: to.Catalog
) -> None:
    told = ASKED[kind](small_oracle, hostile)
    assert type(told).__name__ == kind
    html = told._repr_html_()
    assert html == notebook_html(told), "a view failed and was hidden by the fallback"
    tags = Tags(html).found
    assert {"img", "script", "iframe", "a"}.isdisjoint(tag for tag, _ in tags)
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]
    told_colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', html))
    assert {c for c in told_colours if c != "none" and not c.startswith("var(--to-")} == set()


def test_every_result_of_the_package_that_says_so_has_a_view() -> None:
    def below(kind: type) -> set[type]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    to.Enriched, to.Experiment, to.CatalogReport  # noqa: B018
    shown = {k.__name__ for k in below(Shown) if k.__module__.startswith("trackoracle.")}
    assert shown - {"Shown", "Explainable"} == set(_VIEWS)


def test_what_was_heard_is_shown(tmp_path: Path) -> None:
    html = heard(tmp_path)._repr_html_()
    assert html is not None
    assert "&lt;script&gt;" in html
    assert "LUFS" in html


def test_what_live_services_and_hubs_told_is_shown() -> None:
    match = ArtistMatch("a", HOSTILE, "exact", 1.0, "Spotify", "2026-03-01T12:00:00+00:00")
    file = FetchedFile("/x/<b>", 10, "ab" * 32, "sha256 of the hub", False)
    results = (
        Enrichment((match,), 0.9, "terms", (HOSTILE,)),
        Fetched("n", HOSTILE, "s", "l", (file,)),
        Pushed("o/n", "c" * 40, "https://hub/o/n", 10, "ab" * 32, True, (HOSTILE,)),
        Pulled("o/n", "c" * 40, "/x", 10, "ab" * 32, "sha256 of the hub", False),
    )
    for told in results:
        html = told._repr_html_()
        assert html is not None, type(told)
        assert {"img", "script"}.isdisjoint(tag for tag, _ in Tags(html).found)


def test_a_failing_view_leaves_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    told = to.load_oracle().explain(TRACK)
    assert told._repr_html_()
    monkeypatch.setattr(rendering, "notebook_html", lambda result: 1 / 0)
    assert told._repr_html_() is None
    assert repr(told).startswith("Explanation(")


def test_without_the_extra_report_a_figure_is_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    html = to.load_oracle().explain({"tempo": 120.0})._repr_html_()
    assert html is not None
    assert "<table>" in html
    assert "<svg" not in html
    assert "start: any track" in html


def test_two_drawings_share_no_name_and_equal_ones_are_equal(small_oracle: to.Oracle) -> None:
    one, other = (small_oracle.explain({**TRACK, "tempo": t}) for t in (90.0, 150.0))
    marks = [set(re.findall(r'id="([^"]+)"', told._repr_html_() or "")) for told in (one, other)]
    assert marks[0].isdisjoint(marks[1])
    assert one._repr_html_() == small_oracle.explain({**TRACK, "tempo": 90.0})._repr_html_()


def test_long_tables_are_counted_and_numbers_written_for_people() -> None:
    rows = pl.DataFrame({"n": range(30), "x": [0.123456] * 30, "who": [["a", "<b>"]] * 30})
    html = notebook_pieces.table(rows)
    assert "and 10 more" in html
    assert "0.123<" in html
    assert "a; &lt;b&gt;" in html
