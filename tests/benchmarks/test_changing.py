"""The measures by which counterfactuals are held against DiCE's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from benchmarks.changing import OURS, Query, answer, judge
from benchmarks.material import Material

import trackoracle as to
from benchmarks import changing
from trackoracle.catalogs.sample import generate_sample


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, small_oracle: to.Oracle) -> Path:
    folder = tmp_path_factory.mktemp("changing")
    small_oracle.save(folder / "changing.oracle")
    catalog = to.load_catalog(generate_sample(500, seed=8), on_invalid="null")
    catalog.tracks.drop("popularity").with_columns(
        pl.Series("recording", catalog.keys.recording),
        pl.lit(True).alias("unseen"),
    ).write_parquet(folder / "changing.parquet")
    return folder


@pytest.fixture(scope="module")
def queries(folder: Path) -> list[Query]:
    paths = folder / "changing.oracle", folder / "changing.parquet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changing, "GOAL", 30.0)
        return changing._queries(*paths, 6)


def test_queries_are_near_the_goal_and_know_no_copy_of_themselves(folder, queries) -> None:
    tracks = pl.read_parquet(folder / "changing.parquet")
    oracle = to.load_oracle(folder / "changing.oracle")
    assert 0 < len(queries) <= 6
    for query in queries:
        row = tracks[query.row]
        predicted = oracle.predict(row.drop("recording", "unseen"))["popularity"].item()
        assert 30 - changing.BELOW <= predicted < 30
        known = tracks[query.known]
        assert row["recording"].item() not in known["recording"]
        assert all(row["genres"][0][0] in genres for genres in known["genres"])
        assert all(low <= row[name].item() <= high for name, (low, high) in query.ranges.items())


def test_what_we_answer_is_valid_in_range_and_timed(folder, queries, monkeypatch) -> None:
    monkeypatch.setattr(changing, "GOAL", 30.0)
    paths = {name: str(folder / f"changing.{name}") for name in ("oracle", "parquet")}
    asked = {"oracle": paths["oracle"], "tracks": paths["parquet"], "n": 5}
    asked["queries"] = [query.to_dict() for query in queries]
    (folder / "asked.json").write_text(json.dumps(asked))
    answer(str(folder / "asked.json"), str(folder / "ours.json"))
    answered = json.loads((folder / "ours.json").read_text())
    judged = judge(Path(paths["oracle"]), Path(paths["parquet"]), queries, answered)
    measured = [one for query in judged for one in query["answers"]]
    assert measured
    for one in measured:
        assert one["valid"] == one["in_range"] == 1
        assert 1 <= one["edits"] <= 3
        assert one["distance"] > 0
    rivals = [
        {**one, "method": method, "through": through, "seconds": times * one["seconds"]}
        for one in judged
        for method in changing.METHODS
        for through, times in ((changing.QUICK, 5), (changing.OPEN, 20))
    ]
    result = changing._result(Material("", "sample", str(folder)), [*judged, *rivals], len(judged))
    told = {claim.what: claim.holds for claim in result.claims}
    assert told["every answer is valid and in range"]
    assert told["10 times quicker at the median than either through predict (20.00 x)"]
    assert not told["10 times quicker at the median than either through variations (5.00 x)"]
    assert not told["fewer edits"]
    assert OURS in result.figures
    assert "genetic, predict" in result.figures


def test_answers_that_miss_are_measured_as_such(folder, queries) -> None:
    tracks = pl.read_parquet(folder / "changing.parquet")
    query = queries[0]
    names = (*changing._NUMBERS, *changing._CODES)
    own = {name: float(tracks[name][query.row]) for name in names}
    low, high = query.ranges["tempo"]
    far = own | {"tempo": min(high + 0.5 * (high - low), 259.0), "key": (own["key"] + 1) % 12}
    impossible = own | {"energy": 1.2}
    rounded = own | {"energy": own["energy"] + 1e-5}
    row = {"row": query.row, "rows": [far, rounded, impossible]}
    paths = folder / "changing.oracle", folder / "changing.parquet"
    (one,) = judge(*paths, [query], [row])
    outside, same, never = one["answers"]
    assert outside["in_range"] == 0
    assert never["valid"] == never["in_range"] == 0
    assert outside["edits"] == 2
    assert outside["distance"] > 1
    assert same["edits"] == 0
    assert same["distance"] == pytest.approx(0, abs=1e-3)
    assert np.isin([outside["plausible"], same["plausible"]], (0, 1)).all()
