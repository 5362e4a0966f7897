"""The facade: train an oracle, ask it, save it, load it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from trackoracle.artifact import STARTER, Bundle, bundle_of, load_bundle, save_bundle
from trackoracle.audit import audit_catalog, leaderboard_notes
from trackoracle.catalogs import OnInvalid, load_catalog
from trackoracle.errors import ConfigError
from trackoracle.oracle.answers import answers, stated_rate, track_ids
from trackoracle.oracle.explainable import Explainable
from trackoracle.oracle.judging import Evaluation, evaluate
from trackoracle.oracle.streaming import predict_file
from trackoracle.schema import (
    Catalog,
    CheckedTracks,
    Contract,
    Hit,
    Popularity,
    Report,
    Rows,
    Target,
    as_polars,
    check_tracks,
)
from trackoracle.settings import Settings
from trackoracle.training import Trained, TrainingConfig, check_search, train_candidates


def train(
    catalog: Catalog | str | Path | Rows,
    *,
    target: Target | None = None,
    config: TrainingConfig | None = None,
    n_jobs: int | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    curve: bool = False,
    study: str | Path | None = None,
) -> Oracle:
    """Train an oracle.

    Parameters
    ----------
    catalog
        A catalog, or what `load_catalog` takes.
    target
        `Popularity()` by default, or `Hit()`.
    config
        How; see `TrainingConfig`.
    n_jobs
        Fits at a time; by default as many as there are cores.
    progress
        Called with searches and fits done, these in all, and what was done last.
    curve
        Whether to compute the chosen candidate's learning curve, which costs about one and
        a half times its fits under one protocol: `oracle.report.learning`.
    study
        File of the trials of a search, made, or gone on with after an interrupt.

    Returns
    -------
    Oracle
        Its `report` is the evaluation of every candidate.

    Raises
    ------
    TargetError
        When the target is absent or the same everywhere.
    NotEnoughDataError
        With too few tracks, groups or classes.
    MissingExtraError
        Before any work, when settings are to be searched and Optuna is not installed.
    StudyError
        When the study is not whole, or of another catalog, target or configuration.

    Examples
    --------
    >>> import trackoracle as to
    >>> few = to.TrainingConfig(candidates=("tree",), protocols=("catalog",), n_folds=2)
    >>> oracle = to.train("sample", target=to.Popularity(), config=few)
    >>> oracle.report.chosen
    'tree'
    """
    config = config or TrainingConfig()
    trials = Path(study) if study else None
    check_search(config, trials)
    if not isinstance(catalog, Catalog):
        catalog = load_catalog(catalog)
    target = target or Popularity()
    trained = train_candidates(
        catalog,
        target,
        config,
        n_jobs=n_jobs or Settings.from_environment().n_jobs,
        curve=curve,
        study=trials,
        **({"progress": progress} if progress else {}),
    )
    found = audit_catalog(trained.catalog, target=trained.target, protocols=False)
    notes = (*trained.report.notes, *_rate_notes(trained), *leaderboard_notes(found))
    report = replace(trained.report, notes=notes, audited=True)
    trained = replace(trained, report=report)
    return Oracle(bundle_of(trained))


def load_oracle(path: str | Path | None = None) -> Oracle:
    """Load an oracle from its file; nothing in it is executed.

    Parameters
    ----------
    path
        The file; by default that of the starter oracle, which ships with the package.

    Raises
    ------
    BundleError
        When the file is not a whole, unchanged and harmless oracle.
    """
    return Oracle(load_bundle(STARTER if path is None else Path(path)))


class Oracle(Explainable):
    """A trained model with its contract, calibration and evaluation.

    Made by `train` or `load_oracle`.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    @property
    def report(self) -> Report:
        """The leaderboard it was chosen from."""
        return self._bundle.report

    @property
    def contract(self) -> Contract:
        """The input columns, ranges and levels that it knows."""
        return self._bundle.contract

    @property
    def target(self) -> Target:
        """What it predicts."""
        return self._bundle.target

    @property
    def card(self) -> str:
        """The model card, Markdown."""
        return self._bundle.card

    @property
    def bundle(self) -> Bundle:
        """Everything it is made of."""
        return self._bundle

    def save(self, path: str | Path) -> None:
        """Write the oracle as one file, whole or not at all."""
        save_bundle(Path(path), self._bundle)

    def check(self, tracks: Rows) -> CheckedTracks:
        """Bring tracks to the contract, as `predict` does: a warning a row, notes for all."""
        return check_tracks(as_polars(tracks)[0], self.contract)

    def predict(
        self,
        tracks: Catalog | Rows,
        *,
        level: float = 0.9,
        base_rate: float | None = None,
        refuse_extra: bool = False,
        first_row: int = 1,
    ) -> Any:
        """Predict the target of tracks.

        Parameters
        ----------
        tracks
            A catalog, an (n, k) Polars or pandas frame, or mappings; any subset of the
            contract's columns, in any order. What is missing widens the answer.
        level
            Probability that the interval holds the popularity.
        base_rate
            Of an oracle of hits: the true share of hits, instead of the one that its target
            states. `p_hit` is told at it, and `is_hit` compares that with the threshold.
        refuse_extra
            Raise on columns that the oracle does not know.
        first_row
            Number of the first row, for tracks without an id that are asked in batches.

        Returns
        -------
        (n, m) frame of the kind that went in, rows in the same order; the columns
        are those of the command line's `predict`.

        Raises
        ------
        InvalidValuesError
            On values that cannot be meant.
        ConfigError
            On a level or a base rate that cannot be, or a base rate of a popularity.
        """
        if not 0 < level < 1:
            raise ConfigError(f"level: expected above 0 and below 1, got {level:g}. Try 0.9.")
        base_rate = stated_rate(self._bundle, base_rate)
        frame, back = as_polars(tracks.tracks if isinstance(tracks, Catalog) else tracks)
        checked = check_tracks(frame, self.contract, refuse_extra=refuse_extra)
        n_jobs = Settings.from_environment().n_jobs
        rows = answers(self._bundle, checked, level, base_rate, n_jobs)
        return back(rows.insert_column(0, track_ids(checked, first_row)))

    def predict_file(
        self,
        source: str | Path,
        output: str | Path,
        *,
        level: float = 0.9,
        base_rate: float | None = None,
        columns: Mapping[str, str] | None = None,
        on_invalid: OnInvalid | None = None,
        progress: Callable[[int, int, str], None] | None = None,
    ) -> int:
        """Predict a Parquet file of any size into a table, whole or not at all.

        A batch of tracks is in memory at a time, 131,072 for each core.

        Parameters
        ----------
        source
            The Parquet file.
        output
            Where the answers go: .csv, .tsv, .parquet or .jsonl.
        level, base_rate
            As of `predict`.
        columns, on_invalid
            As of `load_tracks`.
        progress
            Called with the rows done, and all rows.

        Returns
        -------
        The number of tracks.
        """
        return predict_file(
            self,
            Path(source),
            Path(output),
            level=level,
            base_rate=base_rate,
            columns=columns,
            on_invalid=on_invalid,
            progress=progress,
        )

    def evaluate(
        self, catalog: Catalog | str | Path | Rows, *, n_bootstrap: int = 200, seed: int = 0
    ) -> Evaluation:
        """Score the oracle on labelled tracks that it has never seen.

        Tracks that share an id, a title with credits or an audio vector with a
        training track are left out and counted.

        Raises
        ------
        SeenTracksError
            When nothing is left.
        """
        if not isinstance(catalog, Catalog):
            catalog = load_catalog(catalog)
        n_threads = Settings.from_environment().n_jobs
        return evaluate(
            self._bundle, catalog, n_bootstrap=n_bootstrap, seed=seed, n_threads=n_threads
        )

    def __repr__(self) -> str:
        score = self.report.of(self.report.chosen).scores
        shown = ", ".join(f"{p} {s[self.report.metric].value:.2f}" for p, s in score.items())
        return (
            f"Oracle({self.target.name}, {self._bundle.candidate}, {self.report.metric}: {shown})"
        )


def _rate_notes(trained: Trained) -> list[str]:
    """Say at which share of hits the scores hold, where the target states another."""
    target, sample_rate = trained.target, trained.sample_rate
    if not isinstance(target, Hit) or target.base_rate is None or sample_rate is None:
        return []
    return [
        f"Scores are at the sample's share of hits, {100 * sample_rate:.3g} %; predictions tell "
        f"p_hit at the stated one, {100 * target.base_rate:.3g} %."
    ]
