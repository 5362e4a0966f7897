"""`trackoracle feedback`: what the store holds, as a table and as files."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from tests.feedback.saying import said
from tests.interfaces.running import run

from trackoracle.feedback import FeedbackStore


def test_list_and_export(tmp_path: Path) -> None:
    place, out = tmp_path / "feedback.db", tmp_path / "said.csv"
    with FeedbackStore.open(place) as store:
        for i in range(3):
            store.add(said(comment=f"[bold]no {i}[/] =1", actual=i))
    done = run("feedback", "list", "--store", place, "-n", 2)
    assert done.returncode == 0, done.stderr
    shown = "".join(done.stdout.split())
    assert "popularity41.5" in shown
    assert "[bold]no2[/]=1" in shown
    assert "no0" not in shown
    assert "... and 1 more" in done.stdout
    done = run("feedback", "list", "--store", f"sqlite:///{place}", "--json", "-")
    told = json.loads(done.stdout)
    assert told["n"] == 3
    assert told["feedback"][2] == said(comment="[bold]no 0[/] =1", actual=0).to_dict() | {
        "id": 1,
        "at": told["feedback"][2]["at"],
    }
    done = run("feedback", "export", "-o", out, "--store", place)
    assert done.returncode == 0, done.stderr
    assert pl.read_csv(out)["actual"].to_list() == [2, 1, 0]


def test_what_is_not_there_or_in_the_way_exits_with_2(tmp_path: Path) -> None:
    place = tmp_path / "feedback.db"
    done = run("feedback", "list", "--store", place)
    assert (done.returncode, done.stdout) == (2, "")
    assert "expected a store of feedback, got no file there" in done.stderr
    assert "Traceback" not in done.stderr
    FeedbackStore.open(place).close()
    done = run("feedback", "export", "-o", tmp_path / "said.xlsx", "--store", place)
    assert done.returncode == 2
    assert "expected one of .csv" in done.stderr
