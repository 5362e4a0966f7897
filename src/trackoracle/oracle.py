"""The facade: train an oracle, ask it, save it, load it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.artifact import STARTER, Bundle, bundle_of, load_bundle, save_bundle
from trackoracle.audit import audit_catalog, leaderboard_notes
from trackoracle.catalogs import load_catalog
from trackoracle.distributions import Distribution, at_base_rate
from trackoracle.errors import ConfigError, NotEnoughDataError, SeenTracksError
from trackoracle.evaluation import Judged, evaluate_predictions
from trackoracle.features import prepare
from trackoracle.models import answer_shape
from trackoracle.schema import (
    INPUT_GROUPS,
    Catalog,
    CheckedTracks,
    Contract,
    Hit,
    Popularity,
    Report,
    Rows,
    Scores,
    Target,
    Tier,
    as_polars,
    check_tracks,
)
from trackoracle.settings import Settings
from trackoracle.training import (
    Trained,
    TrainingConfig,
    check_search,
    predicted_intervals,
    train_candidates,
)

CHUNK = 131_072
"""Tracks prepared at a time, which bounds memory; text that repeats within is worked on once."""
BATCH = 16_384
"""Tracks that a model is given at a time: their inputs fit the processor's cache."""
LEAST_SHARED = 256
"""Fewer tracks are predicted sooner by one core alone."""
LEAST_JUDGED, LEAST_IN_PART = 30, 30
"""Tracks that an evaluation, and a part of it, needs."""
UNKNOWN_ARTIST = "No credited artist is in the oracle's history: judged as a new artist."
SEEN_UNKNOWN = "This oracle does not tell what it was trained on: such tracks score too well."
NO_INPUT = "Nothing is known of this track: the answer is what tracks get in general."

_GROUPS_PRESENT = [
    ";".join(group for i, group in enumerate(INPUT_GROUPS) if code >> i & 1)
    for code in range(2 ** len(INPUT_GROUPS))
]


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


@dataclass(frozen=True)
class Evaluation:
    """Scores of an oracle on tracks that it has not seen.

    Parameters
    ----------
    n_tracks, n_seen
        Judged, and left out because the oracle was trained on them.
    overall, known_artists, new_artists
        Scores; the parts are None where they hold fewer than 30 tracks.
    baseline
        Scores of answering the middle of these tracks for each of them.
    mean_predicted, mean_true
        What tells a difference of level: another snapshot date, or another scale.
    notes
        Columns that were missing, or not used.
    """

    n_tracks: int
    n_seen: int
    n_known_artists: int
    overall: Scores
    known_artists: Scores | None
    new_artists: Scores | None
    baseline: Scores
    mean_predicted: float
    mean_true: float
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as plain data."""
        return asdict(self)


class Oracle:
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
        base_rate = self._stated_rate(base_rate)
        frame, back = as_polars(tracks.tracks if isinstance(tracks, Catalog) else tracks)
        checked = check_tracks(frame, self.contract, refuse_extra=refuse_extra)
        n_jobs = Settings.from_environment().n_jobs
        if len(frame) > CHUNK:
            # A thread a chunk, model included: cores that share one chunk wait for each other.
            with ThreadPoolExecutor(n_jobs) as pool:
                answer = partial(self._answer, level=level, base_rate=base_rate, n_threads=1)
                rows = pl.concat(pool.map(answer, _chunks(checked)))
        else:
            n_threads = n_jobs if len(frame) >= LEAST_SHARED else 1
            rows = self._answer(checked, level, base_rate, n_threads)
        key = checked.tracks["track_id"] if "track_id" in checked.tracks.columns else None
        if key is None or key.null_count():
            number = pl.Series("track_id", np.arange(1, len(rows) + 1)).cast(pl.String)
            key = number if key is None else key.fill_null(number)
        return back(rows.insert_column(0, key))

    def _distribution(self, tracks: pl.DataFrame, n_threads: int) -> Distribution:
        bundle = self._bundle
        prepared = prepare(tracks, bundle.contract)
        raw = np.empty((len(prepared), *answer_shape(bundle.candidate, self.target)))
        for start in range(0, len(raw), BATCH):
            rows = np.arange(start, min(start + BATCH, len(raw)))
            matrix = bundle.recipe.transform(prepared.take(rows))
            raw[rows] = bundle.model.predict(matrix, n_threads)
        return bundle.calibration.distribution(raw, bundle.recipe.knows_artist(prepared))

    def _stated_rate(self, base_rate: float | None) -> float | None:
        """Return the true share of hits: the one given here, else the target's."""
        if not isinstance(self.target, Hit):
            if base_rate is not None:
                raise ConfigError(
                    f"base_rate: expected an oracle of hits, got one of {self.target.name}, whose "
                    "probabilities are those of its catalog. Leave it out."
                )
            return None
        if base_rate is None:
            return self.target.base_rate
        if self._bundle.sample_rate is None:
            raise ConfigError(
                "base_rate: expected an oracle that tells the share of hits in training, got one "
                "of an earlier version. Train it again."
            )
        return replace(self.target, base_rate=base_rate).base_rate

    def _p_hit(self, distribution: Distribution, base_rate: float | None) -> NDArray[np.float64]:
        sample_rate = self._bundle.sample_rate
        if base_rate is None or sample_rate is None:
            return distribution.mean
        return at_base_rate(distribution.mean, sample_rate=sample_rate, base_rate=base_rate)

    def _answer(
        self, checked: CheckedTracks, level: float, base_rate: float | None, n_threads: int
    ) -> pl.DataFrame:
        distribution = self._distribution(checked.tracks, n_threads)
        columns: dict[str, Any] = self._columns(distribution, level, base_rate)
        known = self._known(checked.tracks, distribution.is_known)
        nothing = (known == "").to_numpy()
        if self._bundle.prior is not None and nothing.any():
            # Out of training's few rows without inputs, the model's own answer would be a guess.
            none = self._bundle.prior.distribution(np.zeros(1), np.zeros(1, bool))
            for name, values in self._columns(none, level, base_rate).items():
                columns[name] = np.where(nothing, values, columns[name])
        columns["known"] = known
        columns["estimated"] = pl.Series([""]).new_from_index(0, len(known))
        columns["warning"] = self._warning(checked, distribution.is_known, nothing)
        return pl.DataFrame(columns)

    def _columns(
        self, distribution: Distribution, level: float, base_rate: float | None
    ) -> dict[str, NDArray[Any]]:
        """Read the answers of n tracks from their distribution."""
        columns: dict[str, NDArray[Any]] = {}
        match self.target:
            case Popularity(hit_above=hit_above, tiers=edges):
                columns["popularity"] = distribution.mean
                columns["popularity_median"] = distribution.median
                low, high = distribution.interval(level)
                columns["popularity_low"], columns["popularity_high"] = low, high
                columns["p_hit"] = distribution.above(hit_above)
                for i, share in enumerate(distribution.tiers(edges).T):
                    columns[f"p_tier_{i}"] = share
            case Hit():
                columns["p_hit"] = self._p_hit(distribution, base_rate)
                columns["is_hit"] = columns["p_hit"] >= self._bundle.threshold
            case Tier(n_classes=n_tiers):
                p_tier = distribution.tiers(range(n_tiers - 1))
                columns["tier"] = p_tier.argmax(axis=1)
                columns |= {f"p_tier_{i}": share for i, share in enumerate(p_tier.T)}
        return columns

    def _known(self, tracks: pl.DataFrame, is_known: NDArray[np.bool_]) -> pl.Series:
        """Say for each row which input groups are present; unknown artists are none: (n,)."""
        codes = np.zeros(len(tracks), np.int64)
        for i, group in enumerate(INPUT_GROUPS):
            present = is_known if group == "artist" else np.zeros(len(tracks), bool)
            for column in self.contract.columns:
                if column.group == group and column.name != "artists":
                    present = present | _there(tracks[column.name])
            codes |= present.astype(np.int64) << i
        return pl.Series("known", _GROUPS_PRESENT).gather(codes)

    def _warning(
        self, checked: CheckedTracks, is_known: NDArray[np.bool_], nothing: NDArray[np.bool_]
    ) -> pl.Series:
        """Complete the warning of each row: (n,) text, empty where there is nothing to say."""
        said, tracks = checked.warnings, checked.tracks
        remarks: list[pl.Expr] = []
        if "artists" in self.contract.names:
            strange = ~is_known & _there(tracks["artists"])
            remarks += _where(strange, UNKNOWN_ARTIST)
        if self._bundle.novelty is not None:
            far = self._bundle.novelty.remarks(tracks)
            remarks += [pl.lit(far)] if far.null_count() < len(far) else []
        remarks += _where(nothing, NO_INPUT)
        if not remarks:
            return said
        first = pl.when(pl.lit(said) != "").then(pl.lit(said))
        joined = pl.concat_str([first, *remarks], separator=" ", ignore_nulls=True)
        return pl.select(joined.fill_null("")).to_series()

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
        values = self.target.values(catalog.tracks)
        labelled = ~np.isnan(values)
        seen = self._bundle.seen.has(catalog.tracks) & labelled
        rows = np.flatnonzero(labelled & ~seen)
        self._refuse_few(len(rows), int(seen.sum()), int(labelled.sum()))
        catalog = catalog.take(rows)
        checked = check_tracks(catalog.tracks, self.contract)
        distribution = self._distribution(checked.tracks, Settings.from_environment().n_jobs)
        keys = catalog.keys
        judged = Judged(
            values[rows],
            self._p_hit(distribution, self._stated_rate(None)),
            distribution.median,
            keys.weight,
            keys.first_artist,
            predicted_intervals(distribution) if self.target.task == "regression" else {},
            p_tier=distribution.tiers(self.target.bins) if isinstance(self.target, Tier) else None,
        )

        def scores(of: Judged) -> Scores:
            return evaluate_predictions(
                of,
                self.target.task,
                threshold=self._bundle.threshold,
                n_bootstrap=n_bootstrap,
                seed=seed,
            )

        def part(chosen: NDArray[np.bool_]) -> Scores | None:
            few = chosen.sum() < LEAST_IN_PART
            return None if few else scores(judged.take(np.flatnonzero(chosen)))

        return Evaluation(
            n_tracks=len(rows),
            n_seen=int(seen.sum()),
            n_known_artists=int(distribution.is_known.sum()),
            overall=scores(judged),
            known_artists=part(distribution.is_known),
            new_artists=part(~distribution.is_known),
            baseline=scores(_naive(judged)),
            mean_predicted=float(np.average(judged.mean, weights=judged.weight)),
            mean_true=float(np.average(judged.target, weights=judged.weight)),
            notes=(*checked.notes, *([] if len(self._bundle.seen.hashes) else [SEEN_UNKNOWN])),
        )

    def _refuse_few(self, n_left: int, n_seen: int, n_labelled: int) -> None:
        if n_left >= LEAST_JUDGED:
            return
        if n_seen:
            raise SeenTracksError(
                f"evaluate: expected tracks that the oracle has not seen, got {n_seen:,} of "
                f"{n_labelled:,} that it was trained on. Use another catalog.",
                n_seen=n_seen,
            )
        raise NotEnoughDataError(
            f"evaluate: expected at least {LEAST_JUDGED} tracks with {self.target.name}, "
            f"got {n_left}. Use a labelled catalog."
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


def _there(column: pl.Series) -> NDArray[np.bool_]:
    """Tell which values are not missing: (n,)."""
    n_missing = column.null_count()
    if n_missing in (0, len(column)):  # of a single track, sooner than a query of Polars
        return np.full(len(column), n_missing == 0)
    return column.is_not_null().to_numpy()


def _where(rows: NDArray[np.bool_], remark: str) -> list[pl.Expr]:
    return [pl.when(pl.lit(pl.Series(rows))).then(pl.lit(remark))] if rows.any() else []


def _naive(judged: Judged) -> Judged:
    """Answer the middle, and the quantiles, of the tracks themselves for each of them."""
    n, target = len(judged.target), judged.target
    mean = float(np.average(target, weights=judged.weight))
    intervals = {
        level: (
            np.full(n, np.quantile(target, 0.5 - level / 200)),
            np.full(n, np.quantile(target, 0.5 + level / 200)),
        )
        for level in judged.intervals
    }
    return replace(
        judged,
        mean=np.full(n, mean),
        median=np.full(n, float(np.median(target))),
        intervals=intervals,
        p_tier=None if judged.p_tier is None else _shares_of_tiers(judged, judged.p_tier.shape),
    )


def _shares_of_tiers(judged: Judged, shape: tuple[int, ...]) -> NDArray[np.float64]:
    share = np.bincount(judged.target.astype(np.int64), judged.weight, shape[1])
    return np.broadcast_to(share / share.sum(), shape)


def _chunks(checked: CheckedTracks) -> Iterator[CheckedTracks]:
    for start in range(0, len(checked.tracks), CHUNK):
        yield CheckedTracks(
            checked.tracks[start : start + CHUNK],
            checked.warnings[start : start + CHUNK],
            checked.notes,
        )
