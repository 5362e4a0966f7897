"""The facade: train an oracle, ask it, save it, load it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from trackoracle.artifact import STARTER, Bundle, bundle_of, load_bundle, save_bundle
from trackoracle.catalogs import OnInvalid, load_catalog
from trackoracle.distributions import Distribution
from trackoracle.errors import ConfigError, SourceError
from trackoracle.oracle.answers import answers, distribution, stated_rate, track_ids
from trackoracle.oracle.background import typical
from trackoracle.oracle.changing import counterfactuals
from trackoracle.oracle.explainable import Explainable
from trackoracle.oracle.hub import oracle_of_hub
from trackoracle.oracle.judging import Evaluation, evaluate
from trackoracle.oracle.likeness import similar, with_predictions
from trackoracle.oracle.ranking import rank
from trackoracle.oracle.streaming import predict_file
from trackoracle.oracle.surroundings import Bounds
from trackoracle.providers import is_hub_name
from trackoracle.schema import (
    Catalog,
    CheckedTracks,
    Contract,
    Counterfactuals,
    Hit,
    Popularity,
    Ranking,
    Report,
    Rows,
    Similar,
    Target,
    Together,
    Typical,
    as_polars,
    check_rights,
    check_tracks,
)
from trackoracle.settings import Settings
from trackoracle.training import Trained, TrainingConfig, check_search, train_candidates

_OWN_NAME = "this oracle"
"""In a widget, beside others that have names."""


def train(
    catalog: Catalog | str | Path | Rows,
    *,
    target: Target | None = None,
    config: TrainingConfig | None = None,
    n_jobs: int | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    curve: bool = False,
    study: str | Path | None = None,
    i_have_the_rights: bool = False,
) -> Oracle:
    """Train an oracle.

    Parameters
    ----------
    catalog
        A catalog, or what `load_catalog` takes.
    target
        `Popularity()` by default, `Hit()` or `Tier()`.
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
    i_have_the_rights
        States that you hold the right to learn from tracks that came from a live service,
        whose terms forbid it; the report says that you stated it.

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
    RightsError
        When tracks came from a live service, without `i_have_the_rights`.
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
    # Its tests load scipy.stats, a third of a second that no other question needs.
    from trackoracle.audit import audit_catalog, leaderboard_notes

    config = config or TrainingConfig()
    trials = Path(study) if study else None
    check_search(config, trials)
    if not isinstance(catalog, Catalog):
        catalog = load_catalog(catalog)
    rights = check_rights(catalog.card, stated=i_have_the_rights)
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
    notes = (*rights, *trained.report.notes, *_rate_notes(trained), *leaderboard_notes(found))
    report = replace(trained.report, notes=notes, audited=True)
    trained = replace(trained, report=report)
    return Oracle(bundle_of(trained))


def load_oracle(path: str | Path | None = None) -> Oracle:
    """Load an oracle from its file, or from a hub; nothing in it is executed.

    Parameters
    ----------
    path
        The file; by default that of the starter oracle, which ships with the package.
        "hub:OWNER/NAME@REVISION" is fetched into the cache folder; a revision that is a whole
        commit needs no connection the second time.

    Raises
    ------
    BundleError
        When the file is not a whole, unchanged and harmless oracle.
    HubError, ServiceError
        As of `pull_oracle`.
    """
    if path is not None and is_hub_name(str(path)):
        return Oracle(oracle_of_hub(str(path)))
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

    def typical(self, genres: Sequence[str] = ()) -> dict[str, Typical]:
        """Tell what tracks of a genre are like, by audio column: where a form may start.

        Parameters
        ----------
        genres
            The first that the oracle has a picture of counts; without any, all tracks.

        Raises
        ------
        NotEnoughDataError
            When the oracle has no picture of real tracks.

        Examples
        --------
        >>> import trackoracle as to
        >>> oracle = to.load_oracle()
        >>> oracle.typical(["sleep"])["energy"].middle < oracle.typical(["metal"])["energy"].middle
        True
        """
        return typical(self._bundle, genres)

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
        are those of the command line's `predict`, which the page "What is written" of the
        reference tells one by one.

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

    def distribution(self, tracks: Catalog | Rows) -> Distribution:
        """Return the whole distribution of popularity of tracks, which `predict` reads.

        Mean, P(popularity > t), tiers and intervals of it are those of `predict`, to the last
        digit, for any threshold and edges.

        Parameters
        ----------
        tracks
            As of `predict`; 1 kB of memory a track.

        Returns
        -------
        Distribution
            P(popularity <= v) for each of 0 to 100 points, rows as the tracks.

        Raises
        ------
        ConfigError
            Of an oracle of hits or tiers.

        Examples
        --------
        >>> import trackoracle as to
        >>> oracle, track = to.load_oracle(), {"genre": "pop", "tempo": 120.0}
        >>> told = oracle.distribution(track)
        >>> bool(told.above(70)[0] == oracle.predict([track])["p_hit"][0])
        True
        >>> bool(told.above(60)[0] > told.above(70)[0])
        True
        """
        frame, _ = as_polars(tracks.tracks if isinstance(tracks, Catalog) else tracks)
        checked = check_tracks(frame, self.contract)
        return distribution(self._bundle, checked, Settings.from_environment().n_jobs)

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

    def counterfactuals(
        self,
        track: Rows,
        *,
        goal: float | str = "best",
        lock: Collection[str] = (),
        unlock: Collection[str] = (),
        ranges: Mapping[str, Bounds] | None = None,
        n: int = 5,
        most_edits: int = 3,
        seed: int = 0,
        level: float = 0.9,
        base_rate: float | None = None,
    ) -> Counterfactuals:
        """Find plausible edits of a track by which another popularity is predicted.

        What a producer can alter moves, within the range of the track's genre, and so that the
        track as a whole stays as usual as nine in ten of the genre's tracks.

        Parameters
        ----------
        track
            One track: a mapping, or a frame of one row.
        goal
            At least this, in points (of an oracle of hits: a probability; of tiers: the number
            of one); `"hit"`, `"p_hit=0.3"`, `"tier=2"`, or `"best"` for what can be reached.
        lock
            Columns that must not move.
        unlock
            Columns that may move although no producer alters them: numbers, or `"genres"`.
        ranges
            By column, the lowest and the highest value that an edit may give it (None: the
            genre's own), instead of those of the genre.
        n
            Counterfactuals wanted; each edits other features.
        most_edits
            Features that one may edit.
        seed
            Of what is tried at random beside the systematic search.
        level, base_rate
            As of `predict`.

        Returns
        -------
        Counterfactuals
            Each is predicted as `predict` would. `feasible` says whether the goal is reached;
            if not, they are the best that can be.

        Raises
        ------
        ConfigError
            On a goal that cannot be, or wishes that contradict each other.
        UnknownNameError
            On a column that there is not.
        """
        checked, name = self._one(track)
        return counterfactuals(
            self._bundle,
            checked,
            name,
            goal=goal,
            lock=lock,
            unlock=unlock,
            ranges=ranges or {},
            n=n,
            most_edits=most_edits,
            seed=seed,
            level=level,
            base_rate=base_rate,
            n_jobs=Settings.from_environment().n_jobs,
        )

    def rank(
        self,
        tracks: Catalog | Rows,
        *,
        together: Together | None = None,
        level: float = 0.9,
        base_rate: float | None = None,
    ) -> Ranking:
        """Order tracks by what is expected of them, and say how sure each order is.

        Tracks of one artist or album share what is not known of these: the probabilities come
        from their joint distribution, as such orders proved right among tracks not seen.

        Parameters
        ----------
        tracks
            As of `predict`, at most 10,000.
        together
            `"artist"` or `"album"`: all tracks are of one, whatever they say.
        level, base_rate
            As of `predict`.

        Raises
        ------
        SourceError
            Without tracks, or with too many.
        ConfigError
            As of `predict`.
        """
        return rank(
            self._bundle,
            tracks.tracks if isinstance(tracks, Catalog) else tracks,
            together=together,
            level=level,
            base_rate=base_rate,
            n_jobs=Settings.from_environment().n_jobs,
        )

    def similar(
        self,
        track: str | Rows,
        *,
        catalog: Catalog | str | Path | Rows,
        k: int = 10,
        within_genre: bool = False,
        genre_weight: float = 0.0,
        era_weight: float = 0.0,
    ) -> Similar:
        """Find the tracks of a catalog that sound most like one, with what is predicted of each.

        An oracle keeps no tracks, so a catalog must be named. Of tracks that the oracle was
        trained on (`bundle.seen`) predictions are nearer to the truth than of others.

        Parameters
        ----------
        track, k, within_genre, genre_weight, era_weight
            As of `trackoracle.similar`.
        catalog
            A catalog, or what `load_catalog` takes.

        Examples
        --------
        >>> import trackoracle as to
        >>> told = to.load_oracle().similar("2", catalog="sample", k=2)
        >>> sorted(told.tracks[0].prediction)[:2], told.prediction is not None
        (['p_hit', 'p_tier_0'], True)
        """
        if not isinstance(catalog, Catalog):
            catalog = load_catalog(catalog)
        told = similar(
            catalog,
            track,
            k=k,
            within_genre=within_genre,
            genre_weight=genre_weight,
            era_weight=era_weight,
        )
        own = self.pick(catalog.tracks, track)[:1] if isinstance(track, str) else track
        return with_predictions(told, own, catalog, self.predict)

    def widget(
        self, others: Mapping[str, Oracle] | None = None, *, track: Rows | None = None
    ) -> Any:
        """Return a widget for a notebook: controls, and the answer that follows them.

        Parameters
        ----------
        others
            More oracles by name, to choose from.
        track
            What it begins with; by default a typical track.

        Raises
        ------
        MissingExtraError
            Without the extra `notebook`.
        """
        # Named and not imported: it lies above, and nothing else here needs it.
        shown = import_module("trackoracle.interfaces.notebook")
        return shown.widget({_OWN_NAME: self, **(others or {})}, track=track)

    def _one(self, track: Rows) -> tuple[CheckedTracks, str]:
        """Bring one track to the contract, and name it as `predict` does."""
        checked = self.check(track)
        if len(checked.tracks) != 1:
            raise SourceError(
                f"track: expected one, got {len(checked.tracks):,}. Give a mapping, or one row."
            )
        named = checked.tracks.get_column("track_id", default=None)
        return checked, "1" if named is None or named[0] is None else str(named[0])

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
