"""The Models page: every part of every kind of oracle, which answers, and what weighs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.interfaces.web.asking import come, own, run, words

import trackoracle as to
from trackoracle.interfaces.web import AppLimits
from trackoracle.interfaces.web.cards import card_markdown
from trackoracle.interfaces.web.holdings import Holdings, held, hold
from trackoracle.interfaces.web.showing import plain
from trackoracle.interfaces.web.views.models import _PARTS
from trackoracle.rendering import comparison_rows, honesty_sentence

HOSTILE = "<img src=x onerror=alert(1)> ![x](http://evil.example/x.png) :red[y]"


def part(user: AppTest, name: str) -> str:
    user.session_state["models-part"] = name
    return words(run(user))


def serve(oracles: dict[str, to.Oracle], feedback: Path, catalog: str = "sample") -> None:
    hold(Holdings(oracles, catalog, AppLimits(), str(feedback)))


@pytest.fixture
def oracles(
    small_oracle: to.Oracle, small_hit_oracle: to.Oracle, small_tier_oracle: to.Oracle
) -> dict[str, to.Oracle]:
    return {"points": small_oracle, "hits": small_hit_oracle, "tiers": small_tier_oracle}


@pytest.mark.parametrize("name", ["points", "hits", "tiers"])
def test_every_part_is_told_of_every_kind_of_oracle(
    oracles: dict[str, to.Oracle], name: str, tmp_path: Path
) -> None:
    serve({name: oracles[name], **oracles}, tmp_path / "f.db")
    user = come("models")
    assert honesty_sentence(oracles[name].report) in words(run(user))
    assert len({part(user, each) for each in _PARTS}) == len(_PARTS)


def test_a_report_that_lacks_parts_says_so(small_oracle: to.Oracle, tmp_path: Path) -> None:
    report = replace(small_oracle.report, curves={}, by_genre={}, quality={})
    serve({"old": to.Oracle(replace(small_oracle.bundle, report=report))}, tmp_path / "f.db")
    user = come("models")
    assert "Not measured: a random split" in words(run(user))
    told = part(user, "errs")
    assert "Calibration: the report" in told
    assert "Errors by genre: the report" in told
    assert "not measured for this oracle" in part(user, "inputs")


def test_oracles_stand_side_by_side_and_another_answers(
    oracles: dict[str, to.Oracle], tmp_path: Path
) -> None:
    serve(oracles, tmp_path / "f.db")
    user = come("models")
    part(user, "beside")
    shown = user.dataframe[0].value
    assert list(shown.columns)[1:] == list(oracles)
    assert shown.equals(comparison_rows(oracles).to_pandas())
    assert "do not compare" in words(user)
    user.button(key="answer-with-hits").click()
    run(user)
    assert own(user).oracle_name == "hits"
    assert user.session_state["oracle"] == "hits"
    assert user.button(key="answer-with-hits").disabled
    assert honesty_sentence(oracles["hits"].report) in words(user)
    assert own(come("models")).oracle_name == "points"  # of another user


def test_nothing_of_an_oracle_s_texts_is_carried_out(
    small_oracle: to.Oracle, tmp_path: Path
) -> None:
    bundle = small_oracle.bundle
    report = replace(bundle.report, notes=(HOSTILE,))
    catalog = replace(bundle.catalog, name=HOSTILE, source=HOSTILE)
    served = to.Oracle(replace(bundle, report=report, catalog=catalog))
    serve({"bad": served}, tmp_path / "f.db")
    user = come("models")
    for name in ("good", "card"):
        part(user, name)
        told = "\n".join(one.value for kind in (user.markdown, user.caption) for one in kind)
        assert HOSTILE not in told
        assert plain(HOSTILE) in told
        assert not any("<img" in html.proto.body for html in user.get("html"))


def test_the_card_keeps_its_headings_tables_and_bold_letters(small_oracle: to.Oracle) -> None:
    told = card_markdown(small_oracle.card).splitlines()
    asked = small_oracle.card.splitlines()
    assert len(told) == len(asked)
    for mine, own_line in zip(told, asked, strict=True):
        assert mine.startswith("##") == own_line.startswith("#")
        assert mine.count(" | ") == own_line.count(" | ")
    assert f"**{plain(small_oracle.report.chosen)}**" in "\n".join(told)


def test_what_weighs_is_measured_once_for_all(
    small_oracle: to.Oracle, small_catalog: to.Catalog, tmp_path: Path
) -> None:
    few = small_catalog.tracks.head(60)
    few.write_parquet(tmp_path / "few.parquet")
    serve({"points": small_oracle}, tmp_path / "f.db", str(tmp_path / "few.parquet"))
    try:
        user = come("models")
        part(user, "weighs")
        next(b for b in user.button if b.label == "Weigh the features").click()
        run(user)
        job = own(user).kept["weighing-points"]
        assert job.wait(60)
        assert job.state == "done", job.error
        assert "points" in held().weighed
        part(user, "weighs")
        found = held().weighed["points"]
        assert len(user.dataframe[0].value) == len(found.features) + len(found.groups)
        other = come("models")
        part(other, "weighs")
        assert len(other.dataframe[0].value) == len(user.dataframe[0].value)
        assert "weighing-points" not in own(other).kept
    finally:
        held().board.close()
