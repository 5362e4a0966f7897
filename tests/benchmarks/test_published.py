"""The replays of published systems, on a small generated catalog laid out like the real files."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from benchmarks.published import __main__ as command
from benchmarks.published import ahead, classes, figure, ours, report, systems
from benchmarks.published.__main__ import main
from benchmarks.published.agreement import agreement, note
from benchmarks.published.folds import genre_blocks, one_fifth, quarter_then_fifths
from benchmarks.published.plan import FINAL, FOREST, GRID, HEADLINES, REPLAYS, plan
from benchmarks.published.running import Cache, Replayed, replay
from benchmarks.published.sources import FILES, Rows, hits, million, tracks
from benchmarks.published.step import Answers, Outcome, Step, judge
from rich.console import Console

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
from trackoracle.models import CANDIDATES

SYSTEMS = ("H", "P", "A", "N")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rows = generate_sample(900, seed=5)
    for path in FILES.values():
        (folder / path.parent).mkdir(exist_ok=True)
    rows.write_csv(folder / FILES["P"])
    _as_hits(rows.drop_nulls()[:400]).write_csv(folder / FILES["H"])
    _as_million(rows).write_csv(folder / FILES["N"])
    artists = rows["artists"].drop_nulls().unique(maintain_order=True)
    popular = pl.DataFrame({"artist_name": artists, "popularity": np.arange(len(artists)) % 90})
    (folder / "artist-popularity").mkdir()
    popular[:-5].write_csv(folder / "artist-popularity" / "artist_pop_1.csv")
    return folder


def _as_hits(rows: pl.DataFrame) -> pl.DataFrame:
    half = rows["popularity"].median()
    return rows.select(
        pl.col("track_name").alias("track"),
        pl.col("artists").alias("artist"),
        ("spotify:track:" + pl.col("track_id")).alias("uri"),
        *("danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness"),
        *("instrumentalness", "liveness", "valence", "tempo", "duration_ms", "time_signature"),
        (pl.col("duration_ms") / 5000).round(3).alias("chorus_hit"),
        pl.lit(9).alias("sections"),
        (pl.col("popularity") > half).cast(pl.Int64).alias("target"),
    )


def _as_million(rows: pl.DataFrame) -> pl.DataFrame:
    """The same tracks in the format of a million, with popularity up to 100."""
    kept = rows.drop_nulls().unique("track_id", keep="first", maintain_order=True)
    return kept.select(
        pl.col("artists").alias("artist_name"), "track_name", "track_id",
        (pl.col("popularity") * 1.3).clip(0, 100).round().cast(pl.Int64),
        pl.lit(2012).alias("year"), pl.col("track_genre").alias("genre"), "danceability",
        "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness",
        "liveness", "valence", "tempo", "duration_ms", "time_signature",
    )  # fmt: skip


def _small(steps: list[Step]) -> list[Step]:
    """The same steps with three trees, or two epochs, and three folds."""
    few = {"n_trees": 3, "epochs": 2, "n_folds": 3}
    return [
        replace(step, settings={n: few.get(n, value) for n, value in step.settings.items()})
        for step in steps
    ]


def _few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give ours fewer trees, too, in this process: no step says how many it has."""
    monkeypatch.setitem(CANDIDATES["lightgbm"].params["fast"], "n_trees", 30)
    monkeypatch.setitem(CANDIDATES["lightgbm_bins"].params["fast"], "n_trees", 8)


@pytest.fixture
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    _few_trees(monkeypatch)


@pytest.fixture(scope="module")
def replayed(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Replayed, ...]:
    cache = Cache.beside(tmp_path_factory.mktemp("all"), data, SYSTEMS)
    steps = [step for step in plan(SYSTEMS, quick=False) if not _is_long(step)]
    with pytest.MonkeyPatch.context() as monkeypatch:
        _few_trees(monkeypatch)
        return replay(_small(steps), data, cache)


def _is_long(step: Step) -> bool:
    """Of [N] our tiers are learned once, from whole artists."""
    protocol = step.settings.get("protocol")
    return step.system == "N" and step.kind == "TrackOracle" and protocol != "new_artist"


def test_every_step_runs(replayed: tuple[Replayed, ...]) -> None:
    assert len(replayed) == 81
    assert len([r for r in replayed if r.step.line == GRID]) == 24
    for each in replayed:
        assert each.outcome.n_test > 0
        assert each.outcome.n_train > 20
        assert each.outcome.n_clusters > 1
        assert set(each.step.published) <= set(each.outcome.scores)
        for score in each.outcome.scores.values():
            assert score["low"] <= score["high"]
            assert np.isfinite(list(score.values())).all(), each.step


def test_each_waterfall_goes_from_published_to_honest(replayed: tuple[Replayed, ...]) -> None:
    for line, metric in HEADLINES.items():
        steps = [r.step for r in replayed if r.step.line == line]
        assert [step.kind for step in steps].count("as published") == 1
        assert steps[0].kind == "as published"
        assert metric in steps[0].published
        assert any(r.outcome.unit == "artists" for r in replayed if r.step in steps)


def test_a_leaking_artist_mean_beats_an_honest_one(replayed: tuple[Replayed, ...]) -> None:
    chain = [r.outcome.scores["r2"]["value"] for r in replayed if r.step.line == "A: XGBoost"]
    assert chain[0] > chain[-1]


def test_balancing_before_the_split_shows_no_true_rate(replayed: tuple[Replayed, ...]) -> None:
    shares = [r.outcome.share for r in replayed if r.step.line == FINAL]
    assert shares[:2] == [pytest.approx(0.5, abs=0.2), 0.5]
    assert max(shares[2:]) < 0.15


def test_the_majority_class_knows_nothing(replayed: tuple[Replayed, ...]) -> None:
    steps = [r for r in replayed if r.step.settings.get("model") == "majority"]
    assert len(steps) == 3
    for each in steps:
        n_classes = each.step.settings["classes"]
        recall = each.outcome.scores["balanced_accuracy"]["value"]
        assert 1 / n_classes - 1e-9 <= recall <= 0.5
        assert each.outcome.share is None


def test_rows_of_unknown_artists_are_left_out_and_the_first_of_a_name_counts(
    data: Path, tmp_path: Path
) -> None:
    path = tmp_path / FILES["N"]
    path.parent.mkdir()
    path.write_bytes((data / FILES["N"]).read_bytes())
    with pytest.raises(FileNotFoundError, match=r"expected artist-popularity/\*.csv, got none"):
        classes.replay(path, {"classes": 4})
    rows = million(path)
    name = rows.table["artist_name"][0]
    known = pl.DataFrame({"artist_name": [name, name], "popularity": [7, 70]})
    (tmp_path / "artist-popularity").mkdir()
    known.write_csv(tmp_path / "artist-popularity" / "one.csv")
    found = classes._with_artists(rows, path)
    assert set(found.table["artist_name"]) == {name}
    assert found.table["artist_popularity"].unique().to_list() == [7]
    ids = rows.catalog.tracks["track_id"].to_numpy()[found.track]
    assert ids.tolist() == found.table["track_id"].to_list()


def test_a_quarter_is_held_out_by_what_the_protocol_groups(data: Path) -> None:
    rows = million(data / FILES["N"])
    tier = np.arange(len(rows)) % 4
    ((train, test),) = classes.three_quarters(rows.keys, tier, "random").pairs
    assert np.ptp(np.bincount(tier[test])) <= 1
    assert len(test) == -(-len(rows) // 4)
    ((train, test),) = classes.three_quarters(rows.keys, tier, "new_artist").pairs
    artist = rows.keys.first_artist
    assert not np.isin(artist[train], artist[test]).any()


def test_a_second_run_computes_nothing(data: Path, tmp_path: Path) -> None:
    cache = Cache.beside(tmp_path, data, ("H",))
    steps = _small(plan(("H",), quick=True))[-3:]
    first = replay(steps, data, cache)
    nowhere = tmp_path / "no data here"
    assert replay(steps, nowhere, cache) == first
    with pytest.raises(FileNotFoundError):
        replay(steps, nowhere, cache, fresh=True)


def test_what_an_interrupted_run_finished_is_kept(data: Path, tmp_path: Path) -> None:
    cache = Cache.beside(tmp_path, data, ("H", "P"))
    good, other = _small(plan(("H",), quick=True))[-2:]
    broken = Step("P", GRID, "no such model", "as published", {"inputs": "none"}, cost=1)
    with pytest.raises(KeyError):
        replay([replace(other, cost=0.1), broken, replace(good, cost=9)], data, cache)
    assert cache.get(good) is not None
    assert cache.get(other) is None
    kept = cache.path(good).stat().st_mtime_ns
    replay([good, other], data, cache)
    assert cache.path(good).stat().st_mtime_ns == kept
    assert cache.get(other) is not None


def test_processes_and_one_process_agree(data: Path, tmp_path: Path) -> None:
    steps = _small(plan(("H",), quick=True))[-3:]
    alone, together = (Cache.beside(tmp_path / name, data, ("H",)) for name in ("one", "two"))
    first, second = (
        replay(steps, data, cache, n_jobs=n) for cache, n in ((alone, 1), (together, 2))
    )
    assert [r.outcome.scores for r in first] == [r.outcome.scores for r in second]


def test_the_cache_knows_settings_and_file(data: Path, tmp_path: Path) -> None:
    step = plan(("H",), quick=False)[0]
    cache = Cache.beside(tmp_path, data, ("H",))
    other_file = Cache(cache.folder, {"H": "another checksum"}, cache.n_rows)
    other_settings = replace(step, settings={**step.settings, "n_trees": 7})
    assert len({cache.path(step), other_file.path(step), cache.path(other_settings)}) == 3
    assert cache.path(replace(step, name="said otherwise")) == cache.path(step)


def test_our_answers_depend_on_our_code(data: Path, tmp_path: Path) -> None:
    cache = Cache.beside(tmp_path, data, ("H",))
    step = plan(("H",), quick=False)[0]
    assert cache.path(replace(step, kind="TrackOracle")) != cache.path(step)
    assert cache.path(replace(step, kind="beside")) == cache.path(step)


@pytest.mark.usefixtures("few_trees")
def test_our_answers_know_no_target_of_the_test_rows(data: Path) -> None:
    rows = tracks(data / FILES["A"])
    split = one_fifth(rows.keys, "random")
    in_test = np.isin(np.arange(len(rows)), split.test)
    hidden = pl.when(in_test).then(0).otherwise("popularity").alias("popularity")
    # What the catalog holds is the first row's, which may be a test row.
    nowhere = replace(
        rows.catalog, tracks=rows.catalog.tracks.with_columns(popularity=pl.lit(0.0))
    )  # fmt: skip
    others = Rows(rows.table.with_columns(hidden), rows.track, nowhere)
    found, same = (
        ours.predictions(each, split, "random", to.Popularity()) for each in (rows, others)
    )
    assert found["popularity"].std() > 5
    assert found.equals(same)


@pytest.mark.usefixtures("few_trees")
def test_in_the_published_protocol_a_track_is_known_by_its_other_rows(data: Path) -> None:
    once = tracks(data / FILES["A"])
    thrice = np.tile(np.arange(len(once)), 3)
    rows = Rows(once.table[thrice], once.track[thrice], once.catalog)
    split = one_fifth(rows.keys, "random")
    points = rows.table["popularity"].to_numpy()[split.test]
    leaky, honest = (
        ours.predictions(rows, split, protocol, to.Popularity())["popularity_median"].to_numpy()
        for protocol in ("random", "catalog")
    )
    assert np.abs(leaky - points).mean() < 0.8 * np.abs(honest - points).mean()


def test_the_sound_alone_reads_no_names(data: Path) -> None:
    named = hits(data / FILES["H"])
    unnamed = named.catalog.tracks.with_columns(
        track_name=pl.lit("a title"), artists=pl.lit(["a name"])
    )  # fmt: skip
    nameless = replace(named, catalog=replace(named.catalog, tracks=unnamed))
    split = one_fifth(named.keys, "new_artist")
    unread = ("artist", "metadata", "release")
    found, same = (
        ours.predictions(rows, split, "new_artist", to.Hit(), unread)["p_hit"]
        for rows in (named, nameless)
    )
    assert found.n_unique() > 10
    assert found.equals(same)


def test_points_are_judged_by_mean_and_median() -> None:
    points, rows = np.array([0.0, 10.0, 50.0]), np.arange(3)
    answers = Answers(points, points, rows, "rows", "regression", 3, median=points + 1)
    scores = judge(answers, 20)
    assert scores["r2"]["value"] == 1
    assert scores["mae"]["value"] == 1
    assert judge(replace(answers, median=None), 20)["mae"]["value"] == 0


def _judged(line: str, values: dict[str, tuple[float, float, float]]) -> list[Replayed]:
    """Our three steps of a line, with some scores of each."""
    steps = [Step(line[0], line, name, "TrackOracle", {}) for name, *_ in ours.JUDGED]
    scores = [
        {m: dict(zip(("value", "low", "high"), (v[i], v[i] - 0.1, v[i] + 0.1), strict=True))
         for m, v in values.items()}
        for i in range(3)
    ]  # fmt: skip
    return [
        Replayed(step, Outcome(score, 10, 10, 10, "rows", None, 1, 1), 10)
        for step, score in zip(steps, scores, strict=True)
    ]


def test_what_is_ahead_of_the_published_stands_beside_the_honest() -> None:
    points = _judged("A: random forest", {"mae": (4.06, 6.0, 8.0), "r2": (0.7, 0.6, 0.5)})
    hit = _judged(FOREST, {"roc_auc": (0.909, 0.9, 0.8), "accuracy": (0.85, 0.8, 0.7)})
    assert [row[1:5] for row in ahead.rows([*points, *hit])] == [
        ("ROC-AUC", ".859", ".909 [.809, 1.01]", "+.050"),
        ("accuracy", ".834", ".850 [.750, .950]", "+.016"),
        ("MAE", "4.86", "4.06 [3.96, 4.16]", "+.800"),
        ("R²", ".801", ".700 [.600, .800]", "-.101"),
    ]
    assert ahead.rows(points)[0][5:] == ("6.00 [5.90, 6.10]", "8.00 [7.90, 8.10]")
    assert ahead.rows([]) == []


@pytest.mark.parametrize("quick", [False, True])
def test_quick_is_marked_everywhere(
    replayed: tuple[Replayed, ...], tmp_path: Path, quick: bool
) -> None:
    run = report.Run(replayed, quick=quick, wall_s=1)
    report.write(run, tmp_path)
    figure.draw(run, tmp_path / "published-waterfall")
    page = (tmp_path / "published.md").read_text(encoding="utf-8")
    drawn = (tmp_path / "published-waterfall.svg").read_text(encoding="utf-8")
    titles = [str(table.title) for table in report.tables(run)]
    assert json.loads((tmp_path / "published.json").read_text())["quick"] is quick
    assert ("**Quick run**" in page) is quick
    assert ("QUICK RUN" in drawn) is quick
    assert all(("quick run" in title) is quick for title in titles)
    assert (tmp_path / "published-waterfall.png").stat().st_size > 10_000
    assert all(each.step.name in page for each in replayed)
    assert len(ahead.rows(replayed)) == 5
    assert all(" | ".join(row) in page for row in ahead.rows(replayed))
    assert all(f"| [{name}] | {each.title} |" in page for name, each in systems.SYSTEMS.items())


def test_the_figure_is_drawn_again_of_what_was_written(
    replayed: tuple[Replayed, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRACKORACLE_DATA", raising=False)
    run = report.Run(replayed, quick=True, wall_s=1)
    report.write(run, tmp_path)
    figure.draw(run, tmp_path / "first")
    assert main(["--redraw", "--to", str(tmp_path)]) == 0
    first, again = (tmp_path / f"{name}.svg" for name in ("first", "published-waterfall"))
    assert again.read_bytes() == first.read_bytes()


def test_every_replay_says_what_it_replays() -> None:
    assert systems.SYSTEMS.keys() == REPLAYS.keys()


def test_terminal_tables_show_every_step(replayed: tuple[Replayed, ...]) -> None:
    console = Console(width=400, record=True, file=io.StringIO())
    for table in report.tables(report.Run(replayed, quick=False, wall_s=1)):
        console.print(table)
    text = console.export_text()
    assert all(each.step.name in text for each in replayed)


def _outcome(accuracy: float) -> Outcome:
    score = {"value": accuracy, "low": accuracy - 0.03, "high": accuracy + 0.03}
    return Outcome({"accuracy": score}, 10, 10, 10, "rows", 0.5, 1, 1)


@pytest.mark.parametrize(("found", "is_told"), [(0.81, False), (0.79, False), (0.77, True)])
def test_a_replay_that_does_not_agree_says_why(found: float, is_told: bool) -> None:
    step = Step("H", "line", "name", "as published", {}, {"accuracy": 0.80})
    said = note(Replayed(step, _outcome(found), 5_608))
    assert ("off by more than 0.02 in accuracy -.030" in said) is is_told
    assert ("5,608 of the 6,398 published rows" in said) is is_told
    assert ("within our interval" in said) is is_told
    assert "published rows" not in note(Replayed(step, _outcome(found), 6_398))


def test_cells_that_agree_are_counted() -> None:
    step = Step("P", GRID, "name", "as published", {}, {"accuracy": 0.80})
    near, wide = (Replayed(step, _outcome(found), 90_592) for found in (0.80, 0.75))
    assert agreement([near, near]).startswith("2 of 2 cells are within 0.02")
    assert "1 of 2 cells" in agreement([near, wide])
    assert "of the 1 figures that are not, 0 lie within our interval" in agreement([near, wide])


def test_held_out_groups_never_cross(data: Path) -> None:
    rows = tracks(data / FILES["P"]).filter(pl.col("track_id").is_first_distinct())
    keys = rows.keys
    order = rows.table["track_genre"].unique(maintain_order=True)
    genre = rows.table["track_genre"].replace_strict(order, np.arange(len(order))).to_numpy()
    credits = (
        rows.catalog.tracks["artists"].gather(rows.track).list.eval(pl.element().str.to_lowercase())
    )
    blocks, artists = genre_blocks(keys, genre), one_fifth(keys, "new_artist")
    assert sorted(blocks.test.tolist()) == list(range(len(rows)))
    for train, test in (*blocks.pairs, *artists.pairs):
        assert not set(keys.recording[train]) & set(keys.recording[test])
        assert not set(credits.gather(train).explode()) & set(credits.gather(test).explode())
    for train, test in blocks.pairs:
        assert not set(genre[train]) & set(genre[test])
    recordings = one_fifth(keys, "catalog")
    assert recordings.unit == "recordings"
    assert len(recordings.test) == pytest.approx(len(rows) / 5, rel=0.1)


@pytest.mark.parametrize("protocol", ["random", "catalog", "new_artist"])
def test_a_quarter_is_never_seen(data: Path, protocol: str) -> None:
    rows = hits(data / FILES["H"])
    split = quarter_then_fifths(rows.keys, rows.table["hit"].to_numpy(), protocol, 5)
    judged = set(split.test)
    assert len(judged) == len(split.test) <= 0.77 * len(rows)
    for train, test in split.pairs:
        assert set(train) < judged
        assert not set(train) & set(test)
        assert not set(split.cluster[train]) & set(split.cluster[test])


def test_the_command_says_what_it_needs(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["S"])
    assert "expected H, P, A, N, got S" in capsys.readouterr().err
    monkeypatch.setenv("TRACKORACLE_DATA", str(data / "nowhere"))
    with pytest.raises(SystemExit, match=r"expected a folder with tracks-114k.dataset\.csv"):
        main(["A"])


@pytest.mark.usefixtures("few_trees")
def test_ours_alone_is_one_table_and_everything_goes_on_from_there(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRACKORACLE_DATA", str(data))
    monkeypatch.setattr(command, "plan", lambda *asked, **how: _small(plan(*asked, **how)))
    to = tmp_path / "docs"
    assert main(["H", "--ours", "--jobs", "1", "--to", str(to)]) == 0
    assert [path.name for path in to.iterdir()] == [".published-cache"]
    kept = {path: path.stat().st_mtime_ns for path in to.glob(".published-cache/H-*.json")}
    assert len(kept) == len(ours.JUDGED)
    assert ahead.TITLE in capsys.readouterr().out
    assert main(["H", "--quick", "--jobs", "1", "--to", str(to)]) == 0
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    written = {path.name for path in to.iterdir()}
    names = {"published.md", "published.json"}
    names |= {"published-waterfall.svg", "published-waterfall.png"}
    assert names <= written
    assert "quick run" in capsys.readouterr().out
