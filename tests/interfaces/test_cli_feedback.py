"""`trackoracle feedback`: what the store holds, as a table and as files."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from tests.feedback.saying import said
from tests.interfaces.running import run

from trackoracle.feedback import FeedbackStore


def test_list_and_export(tmp_path: Path) -> None:
    place, out, told = (tmp_path / name for name in ("feedback.db", "said.csv", "told.json"))
    with FeedbackStore.open(place) as store:
        for i in range(3):
            store.add(said(comment=f"[bold]no {i}[/] =1", actual=i))
    done = run("feedback", "list", "--store", f"sqlite:///{place}", "-n", 2, "--json", told)
    assert done.returncode == 0, done.stderr
    shown = "".join(done.stdout.split())
    assert "popularity41.5" in shown
    assert "[bold]no2[/]=1" in shown
    assert "no0" not in shown
    assert "... and 1 more" in done.stdout
    facts = json.loads(told.read_text())
    assert facts["n"] == 3
    assert [row["id"] for row in facts["feedback"]] == [3, 2]
    first = said(comment="[bold]no 2[/] =1", actual=2).to_dict()
    assert facts["feedback"][0] == first | {"id": 3, "at": facts["feedback"][0]["at"]}
    done = run("feedback", "export", "-o", out, "--store", place)
    assert done.returncode == 0, done.stderr
    assert pl.read_csv(out)["actual"].to_list() == [2, 1, 0]


def test_a_store_that_is_not_there_is_not_made_and_exits_with_2(tmp_path: Path) -> None:
    done = run("feedback", "list", "--store", tmp_path / "feedback.db")
    assert (done.returncode, done.stdout) == (2, "")
    assert "expected a store of feedback, got no file there" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
