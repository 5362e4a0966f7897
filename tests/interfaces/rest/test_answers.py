"""HTTP, the command line and Python give equal answers."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from tests.interfaces.rest.serving import installed, post
from tests.interfaces.running import run_here

import trackoracle as to
from trackoracle.schema import answer_columns


def _kept(oracle: to.Oracle, track: dict[str, Any]) -> dict[str, Any]:
    known = {column.name for column in oracle.contract.accepted}
    return {name: value for name, value in track.items() if name in known}


@pytest.mark.parametrize("name", ["small", "hits", "tiers"])
def test_http_the_command_line_and_python_answer_equally(
    client: httpx.Client,
    oracles: dict[str, to.Oracle],
    tracks: list[dict[str, Any]],
    tmp_path: Path,
    name: str,
) -> None:
    oracle = oracles[name]
    sent = [_kept(oracle, track) for track in tracks]
    expected = oracle.predict(sent).to_dicts()
    answered = post(client, f"/models/{name}/predict", {"tracks": sent}).json()
    assert answered["predictions"] == expected
    oracle.save(tmp_path / "x.oracle")
    lines = "".join(json.dumps(track) + "\n" for track in sent)
    told = run_here("predict", tmp_path / "x.oracle", "-", "--json", "-", stdin=lines)
    assert json.loads(told.stdout) == expected


@pytest.mark.parametrize("name", ["small", "hits", "tiers"])
def test_predictions_have_the_columns_that_are_told(
    oracles: dict[str, to.Oracle], tracks: list[dict[str, Any]], name: str
) -> None:
    oracle = oracles[name]
    predictions = oracle.predict(pl.DataFrame([_kept(oracle, track) for track in tracks]))
    told = answer_columns(oracle.target)
    assert predictions.columns == [column.name for column in told]
    for column in told:
        values = predictions[column.name]
        assert {type(value) for value in values} == {column.kind}, column.name
        if column.low is not None and column.high is not None:
            assert values.is_between(column.low, column.high).all(), column.name


def test_real_tracks_are_answered_equally(tracks_114k: Path) -> None:
    oracle = to.load_oracle()
    rows = pl.read_csv(tracks_114k, n_rows=20_000).sample(200, seed=7)
    sent = rows.drop("", "artists", "album_name", strict=False)  # the starter knows no artists
    file = sent.to_dicts()
    with installed() as (_, client, _):
        several = post(client, "/predict", {"tracks": file}).json()["predictions"]
        with ThreadPoolExecutor(16) as pool:
            singly = list(pool.map(lambda one: post(client, "/predict", one).json(), file))
    lines = "".join(json.dumps(track) + "\n" for track in file)
    told = json.loads(run_here("predict", "-", "--json", "-", stdin=lines).stdout)
    assert several == singly == told == oracle.predict(sent).to_dicts()


def test_single_tracks_that_come_together_are_answered_as_if_each_came_alone(
    client: httpx.Client, small_oracle: to.Oracle, tracks: list[dict[str, Any]]
) -> None:
    odd: list[dict[str, Any]] = [
        {},
        {"tempo": None},
        {"tempo": 0},
        {"genre": "no such genre"},
        {"genres": "pop;rock", "explicit": True},
        {"track_id": "  ", "energy": 0.5},
        {"track_id": "mine", "artist": "Nobody; Somebody"},
    ]
    sent = [*tracks[:60], *odd, *tracks[60:100]]
    levels = [0.9 if i % 3 else 0.5 for i in range(len(sent))]

    def ask(i: int) -> Any:
        return post(client, f"/predict?level={levels[i]}", sent[i]).json()

    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(ask, range(len(sent))))
    for track, level, answer in zip(sent, levels, answers, strict=True):
        given = track or {"tempo": None}  # Python takes no mapping without columns
        assert [answer] == small_oracle.predict(given, level=level).to_dicts()


def test_one_wrong_track_spoils_none_that_come_with_it(
    client: httpx.Client, small_oracle: to.Oracle, tracks: list[dict[str, Any]]
) -> None:
    wrong = {"key": 5.000000001}  # whole enough for the model of requests, not for the contract
    sent = [wrong if i % 4 == 0 else tracks[i] for i in range(48)]
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda one: post(client, "/predict", one), sent))
    for track, answer in zip(sent, answers, strict=True):
        if track is wrong:
            assert answer.status_code == 422
            assert answer.json()["detail"].startswith("key: expected -1 to 11, got 1 of 1")
        else:
            assert [answer.json()] == small_oracle.predict(track).to_dicts()


@pytest.mark.parametrize("sent_as", ["json", "lines", "csv"])
@pytest.mark.parametrize("wanted", ["application/json", "application/x-ndjson", "text/csv"])
def test_tracks_come_and_answers_go_as_json_lines_and_csv(
    client: httpx.Client, small_oracle: to.Oracle, small_catalog, sent_as: str, wanted: str
) -> None:
    table = small_catalog.tracks.select("track_id", *small_oracle.contract.names)
    table = pl.concat([table] * 4)[:2200]  # several lots: the answer is streamed
    expected = small_oracle.predict(table)
    body = {
        "json": lambda: json.dumps({"tracks": table.to_dicts()}),
        "lines": table.write_ndjson,
        "csv": table.with_columns(pl.col(pl.List(pl.String)).list.join(";")).write_csv,
    }[sent_as]()
    kind = {"json": "application/json", "lines": "application/x-ndjson", "csv": "text/csv"}
    got = post(client, "/predict", body, content_type=kind[sent_as], accept=wanted)
    assert got.status_code == 200, got.text[:500]
    assert got.headers["content-type"].partition(";")[0] == wanted
    assert "content-length" not in got.headers
    if wanted == "application/json":
        answer = pl.DataFrame(got.json()["predictions"])
        assert set(got.json()) == {"predictions", "notes"}
    elif wanted == "text/csv":
        answer = pl.read_csv(io.BytesIO(got.content)).with_columns(
            pl.col("estimated", "warning").fill_null("")
        )
    else:
        answer = pl.read_ndjson(io.BytesIO(got.content))
    assert answer.select(expected.columns).equals(expected)


def test_answers_come_in_the_form_of_the_tracks_where_any_will_do(client: httpx.Client) -> None:
    got = post(client, "/predict", "tempo\n120\n90\n", content_type="text/csv", accept="*/*")
    assert got.headers["content-type"].startswith("text/csv")
    assert got.text.splitlines()[1].startswith("1,")
    line = post(client, "/predict", '{"tempo": 120}\n\n', content_type="application/x-ndjson")
    assert json.loads(line.text) == post(client, "/predict", {"tempo": 120}).json()
    weighed = "text/html, application/x-ndjson;q=0.4, text/csv;q=0.7"
    got = post(client, "/predict", {"tempo": 120}, accept=weighed)
    assert got.headers["content-type"].startswith("text/csv")


def test_a_bare_list_is_one_of_tracks(
    client: httpx.Client, tracks: list[dict[str, object]]
) -> None:
    for path in ("/predict", "/explain", "/rank"):
        for some in (tracks[:1], tracks[:3]):
            bare = post(client, path, some)
            assert bare.status_code == 200, bare.text
            assert bare.json() == post(client, path, {"tracks": some}).json()


def test_explanations_equal_those_of_python(
    client: httpx.Client, small_oracle: to.Oracle, tracks: list[dict[str, Any]]
) -> None:
    expected = [one.to_dict() for one in small_oracle.explain_each(tracks[:5], interactions=True)]
    path = "/explain?interactions=true&inputs=true"
    assert post(client, path, {"tracks": tracks[:5]}).json()["explanations"] == _plain(expected)
    one = post(client, "/explain", tracks[0]).json()
    facts = small_oracle.explain(tracks[0]).to_dict()
    del facts["inputs"]
    assert one == _plain(facts)
    parts = sum(part["contribution"] for part in one["attributions"])
    assert one["baseline"] + parts == pytest.approx(one["prediction"], abs=1e-6)


def test_changes_equal_those_of_python(
    client: httpx.Client, small_oracle: to.Oracle, tracks: list[dict[str, Any]]
) -> None:
    wish: dict[str, Any] = {"goal": "best", "lock": ["tempo"], "n": 2, "most_edits": 2, "seed": 4}
    expected = small_oracle.counterfactuals(
        tracks[1], ranges={"energy": (None, 0.8)}, level=0.8, **wish
    )
    body = {"track": tracks[1], "ranges": {"energy": [None, 0.8]}, **wish}
    assert post(client, "/change?level=0.8", body).json() == _plain(expected.to_dict())


def test_rankings_equal_those_of_python(
    client: httpx.Client, oracles: dict[str, to.Oracle], tracks: list[dict[str, Any]]
) -> None:
    expected = oracles["small"].rank(tracks[:12], together="artist")
    got = post(client, "/rank?together=artist", {"tracks": tracks[:12]})
    assert got.json() == _plain(expected.to_dict())


def test_the_base_rate_of_hits_may_be_stated(
    client: httpx.Client, oracles: dict[str, to.Oracle], tracks: list[dict[str, Any]]
) -> None:
    track = _kept(oracles["hits"], tracks[0])
    got = post(client, "/models/hits/predict?base_rate=0.02", track).json()
    assert [got] == oracles["hits"].predict(track, base_rate=0.02).to_dicts()


def test_model_tells_card_contract_and_limits(
    client: httpx.Client, oracles: dict[str, to.Oracle]
) -> None:
    facts = client.get("/model").json()
    assert facts["card"] == oracles["small"].card
    assert facts["contract"] == _plain(oracles["small"].contract.to_dict())
    assert facts["limits"]["tracks"] == 10_000
    listed = client.get("/models").json()["models"]
    assert [line["name"] for line in listed] == ["small", "hits", "tiers"]
    assert [line["default"] for line in listed] == [True, False, False]
    for line in listed:
        told = client.get(f"{line['path']}/model").json()
        assert told["target"]["name"] == line["target"]


def _plain(facts: Any) -> Any:
    return json.loads(json.dumps(facts))
