"""The widget: what it sends is what its controls say, and its answer is `predict`'s."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import nbformat
import polars as pl
import pytest
from nbclient import NotebookClient
from tests.interfaces.telling import telling_rows

import trackoracle as to
from trackoracle.errors import ConfigError, InvalidValuesError, MissingExtraError, SourceError
from trackoracle.interfaces.notebook.panel import NO_PAGE, OracleWidget
from trackoracle.schema import ESTIMATED, bounds

TRACK = {"genre": "pop", "tempo": 120.0, "energy": 0.8}


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures as tables: drawing is tested elsewhere, and costs most of an answer's time."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)


@pytest.fixture(scope="module")
def starter() -> to.Oracle:
    return to.load_oracle()


@pytest.fixture
def shown(starter: to.Oracle, undrawn: None) -> OracleWidget:
    told: OracleWidget = starter.widget(track=TRACK)
    return told


def moved(widget: OracleWidget, name: str) -> Any:
    """The part of a control that a user moves."""
    return widget._fields[name]._parts[-1]


def test_the_answer_is_predict_s_on_200_tracks(starter: to.Oracle, undrawn: None) -> None:
    rows = telling_rows(starter)
    told = starter.predict(rows).to_dicts()
    widget = starter.widget(track=rows[0])
    for row, answer in zip(rows, told, strict=True):
        widget.set_track(row)
        asked = {name: value for name, value in row.items() if value not in (None, "", [])}
        assert widget.sent == {k: v for k, v in asked.items() if k in starter.contract.names}
        for name, value in widget.answer.items():
            if isinstance(value, float):
                assert math.isclose(value, answer[name], abs_tol=1e-6), (row, name)
            elif name in ("known", "warning"):
                assert value == answer[name]


def test_a_control_moves_the_answer(shown: OracleWidget, starter: to.Oracle) -> None:
    before = shown.answer["popularity"]
    moved(shown, "tempo").value = 174.0
    assert shown.sent == {"genres": "pop", "tempo": 174.0, "energy": 0.8}
    assert shown.answer["popularity"] != before
    told = starter.predict([shown.sent]).row(0, named=True)
    assert math.isclose(shown.answer["popularity"], told["popularity"], abs_tol=1e-6)
    assert f"{told['popularity']:.0f}<small>" in shown._answer.value


def test_what_is_not_known_is_left_out_and_never_zero(shown: OracleWidget) -> None:
    assert set(shown.sent) == {"genres", "tempo", "energy"}
    known, slider = shown._fields["energy"]._parts
    known.value = False
    assert "energy" not in shown.sent
    assert slider.disabled
    known.value = True
    assert shown.sent["energy"] == 0.8
    shown._fields["valence"]._parts[0].value = True
    assert shown.sent["valence"] == shown._fields["valence"]._parts[1].value > 0


def test_of_nothing_known_it_says_what_to_do(shown: OracleWidget) -> None:
    for name in ("tempo", "energy"):
        shown._fields[name]._parts[0].value = False
    moved(shown, "genres").value = []
    assert shown.sent == {}
    assert shown.answer == {}
    assert 'role="alert"' in shown._answer.value
    moved(shown, "genres").value = ["jazz"]
    assert shown.answer["popularity"] > 0


def test_lengths_are_told_in_minutes_and_sent_in_milliseconds(shown: OracleWidget) -> None:
    shown.set_track({"duration_ms": 215_346})
    assert shown.sent == {"duration_ms": 215_346}
    field: Any = shown._fields["duration_ms"]
    assert field._clock.value == "3:35"
    moved(shown, "duration_ms").value = 60.0
    assert shown.sent == {"duration_ms": 60_000.0}
    assert field._clock.value == "1:00"


def test_a_heard_feature_keeps_its_error_until_it_is_set_by_hand(
    shown: OracleWidget, starter: to.Oracle
) -> None:
    heard = {"tempo": 120.0}
    for name, low, value, high in (("energy", 0.5, 0.7, 0.9), ("valence", 0.1, 0.4, 0.7)):
        assert name in ESTIMATED
        heard |= {name: value, bounds(name)[0]: low, bounds(name)[1]: high}
    shown.set_track(heard)
    assert shown.sent == heard
    told = starter.predict([heard]).row(0, named=True)
    assert math.isclose(shown.answer["popularity"], told["popularity"], abs_tol=1e-6)
    moved(shown, "energy").value = 0.2
    assert set(heard) - set(shown.sent) == set(bounds("energy"))


def test_another_oracle_answers_about_the_same_track(
    starter: to.Oracle, small_hit_oracle: to.Oracle, small_tier_oracle: to.Oracle, undrawn: None
) -> None:
    others = {"hits": small_hit_oracle, "tiers": small_tier_oracle}
    widget = starter.widget(others, track={**TRACK, "genre": "rock"})
    assert "popularity" in widget.answer
    widget.choose("hits")
    told = small_hit_oracle.predict([widget.sent]).row(0, named=True)
    assert widget.sent["tempo"] == 120.0
    assert math.isclose(widget.answer["p_hit"], told["p_hit"], abs_tol=1e-6)
    assert widget._threshold.layout.display == "none"
    widget.choose("tiers")
    assert widget.answer["tier"] in (0, 1, 2)
    widget.choose("this oracle")
    assert "popularity" in widget.answer


def test_bad_tracks_get_the_facade_s_sentences(starter: to.Oracle, undrawn: None) -> None:
    with pytest.raises(InvalidValuesError, match="tempo: expected 20 to 260 BPM") as asked:
        starter.widget(track={"tempo": -5})
    with pytest.raises(InvalidValuesError) as predicted:
        starter.predict([{"tempo": -5}])
    assert str(asked.value) == str(predicted.value)
    with pytest.raises(SourceError, match="expected one, got 2"):
        starter.widget(track=[TRACK, TRACK])
    with pytest.raises(ConfigError, match="expected at least one"):
        to.widget({})
    with pytest.raises(ConfigError, match="above 0 and below 1"):
        to.widget(starter, level=1.0)


def test_names_are_shown_as_they_are(shown: OracleWidget) -> None:
    shown.set_track({**TRACK, "track_name": "<script>alert(1)</script>"})
    assert "<script>" not in shown._answer.value
    assert "&lt;script&gt;" in shown._answer.value


def test_without_the_extra_the_command_is_named(
    starter: to.Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(MissingExtraError) as caught:
        starter.widget()
    assert str(caught.value) == (
        "ipywidgets is not installed. Run: pip install 'trackoracle[notebook]'"
    )


def test_plain_python_says_what_to_do(shown: OracleWidget) -> None:
    assert repr(shown) == NO_PAGE
    assert "jupyter lab" in NO_PAGE


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The cells of a notebook, run in a kernel of its own."""
    folder: Path = tmp_path_factory.mktemp("notebook")
    cells = (
        "import trackoracle as to\noracle = to.load_oracle()\noracle",
        "oracle.explain({'genre': 'pop', 'tempo': 120.0})",
        "widget = oracle.widget(track={'genre': 'pop', 'tempo': 120.0})\nwidget",
        "widget._fields['tempo']._parts[-1].value = 174.0\nround(widget.answer['popularity'], 6)",
        "import polars as pl\ntype(oracle.predict(pl.DataFrame({'tempo': [120.0]}))).__module__",
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}})
    client.execute()
    cells_run: list[Any] = notebook.cells
    return cells_run


@pytest.mark.filterwarnings("default::DeprecationWarning:jupyter_client|zmq|tornado")
def test_in_a_kernel_results_and_widget_show_themselves(
    executed: list[Any], starter: to.Oracle
) -> None:
    shown = [cell.outputs[-1].data for cell in executed]
    assert "the mean of the genre (genre_mean)" in shown[0]["text/html"]
    assert "<svg" in shown[1]["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in shown[2]
    assert shown[2]["text/plain"] == NO_PAGE
    told = starter.predict([{"genre": "pop", "tempo": 174.0}])["popularity"][0]
    assert float(shown[3]["text/plain"]) == pytest.approx(told, abs=1e-6)
    assert "polars" in shown[4]["text/plain"]


def test_a_frame_of_pandas_is_a_track(shown: OracleWidget) -> None:
    pandas = pytest.importorskip("pandas")
    shown.set_track(pandas.DataFrame({"tempo": [100.0], "energy": [None]}))
    assert shown.sent == {"tempo": 100.0}
    shown.set_track(pl.DataFrame({"Tempo": [90.0]}))
    assert shown.sent == {"tempo": 90.0}
