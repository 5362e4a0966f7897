"""`demo`: the main job on the embedded sample, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from trackoracle.atomic import check_writable
from trackoracle.interfaces.cli.app_command import open_app_on
from trackoracle.interfaces.cli.catalog_commands import QuietOption
from trackoracle.interfaces.cli.console import Screen, write_text
from trackoracle.interfaces.cli.oracle_commands import track_names


def demo(
    to: Annotated[
        Path, typer.Option(help="Folder for report.html, audit.html and demo.oracle.")
    ] = Path(),
    open_app: Annotated[
        bool, typer.Option("--open", help="Then open the web app on the oracle.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Run the main job on the embedded sample: check, audit, train, predict, explain, save.

    It needs no files and no network, and leaves two pages and an oracle.

    Examples:

        trackoracle demo --to /tmp

        trackoracle demo --open
    """
    import trackoracle
    from trackoracle.rendering import (
        audit_report,
        audit_table,
        catalog_table,
        explanation_table,
        leaderboard_table,
        predictions_table,
        training_report,
    )

    screen = Screen(quiet=quiet)
    to.mkdir(parents=True, exist_ok=True)
    oracle_path, report_path, audit_path = (
        to / name for name in ("demo.oracle", "report.html", "audit.html")
    )
    check_writable(oracle_path)
    step = _Steps(screen, n_steps=6)
    step("check the catalog")
    catalog = trackoracle.load_catalog("sample")
    screen.answer(catalog_table(catalog.card))
    step("audit it for leaks")
    with screen.progress("auditing") as progress:
        audited = trackoracle.audit_catalog("sample", progress=progress)
    screen.answer(audit_table(audited))
    step("train and compare")
    with screen.progress("training") as progress:
        quick = trackoracle.TrainingConfig(n_folds=3)
        oracle = trackoracle.train(catalog, config=quick, progress=progress)
    screen.answer(leaderboard_table(oracle.report, synthetic=True))
    step("predict")
    tracks = catalog.tracks.sample(5, seed=1)
    predictions = oracle.predict(tracks)
    screen.answer(predictions_table(predictions, track_names(tracks)))
    step("explain the first of them")
    screen.answer(explanation_table(oracle.explain(tracks.head(1))))
    step("save")
    names = tracks["track_name"].to_list()
    oracle.save(oracle_path)
    write_text(report_path, training_report(oracle.report, catalog.card, predictions, names))
    write_text(audit_path, audit_report(audited))
    wrote = {
        oracle_path: "the oracle, one file",
        report_path: "the leaderboard, open it",
        audit_path: "the audit, open it",
    }
    for path, what in wrote.items():
        screen.answer(Text(f"{path}  {what}"))
    screen.note(
        f"Next: trackoracle app {oracle_path}; trackoracle train YOUR_CATALOG.csv -o x.oracle"
    )
    if open_app:
        open_app_on({oracle_path.stem: oracle_path}, open_browser=True)


class _Steps:
    """Number the steps of the demo."""

    def __init__(self, screen: Screen, n_steps: int) -> None:
        self._screen, self._n_steps, self._done = screen, n_steps, 0

    def __call__(self, what: str) -> None:
        self._done += 1
        self._screen.answer(Text(f"\n{self._done}/{self._n_steps}  {what}\n", style="bold cyan"))
