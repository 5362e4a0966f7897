"""A report in parts has all that its page has, and of one genre no other."""

from __future__ import annotations

import json

import pytest

import trackoracle as to
from trackoracle.rendering import catalog_parts, of_genre
from trackoracle.rendering.catalog_figures import sections


@pytest.fixture(scope="module")
def report():
    return to.explore(to.load_catalog("sample"), audit=False)


def test_every_figure_of_the_page_is_in_one_part(report):
    parts = catalog_parts(report)
    shown = [figure.name for part in parts for figure in part.figures]
    shown += [f.name for part in parts for _, own in part.choices.values() for f in own]
    assert sorted(shown) == sorted(f.name for own in sections(report).values() for f in own)


def test_figures_of_a_genre_have_its_rows_and_those_of_all(report):
    part = next(part for part in catalog_parts(report) if part.genres)
    genre = part.genres[-1]
    for figure in part.figures:
        one = of_genre(figure, genre)
        views = [one.spec, *one.spec["layer"]]
        told = {r.get("genre") for v in views for r in v.get("data", {}).get("values", ())}
        assert told - {None} == {genre}
        assert one.spec["params"] == [{"name": "genre", "value": genre}]
        assert len(json.dumps(one.spec)) < len(json.dumps(figure.spec)) / 5


def test_tables_tell_what_the_report_counted(report):
    tables = {name: table for part in catalog_parts(report) for name, table in part.tables}
    genres = next(table for name, table in tables.items() if name.startswith("All "))
    assert genres["genre"].to_list()[0] in {genre.name for genre in report.genres.genres}
    assert len(genres) == len(report.genres.genres)
    assert len(tables["Tests"]) == len(report.tests)
    most = tables["Artists with the most recordings"]
    assert most["recordings"].to_list() == [one.n_recordings for one in report.names.by_count]
