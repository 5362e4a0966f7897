"""The same quick model under each protocol: what a split alone makes of a score."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trackoracle.audit.findings import Notebook
from trackoracle.audit.single import metric_of, said
from trackoracle.audit.subject import Subject
from trackoracle.errors import NotEnoughDataError
from trackoracle.evaluation import Judged, evaluate_predictions
from trackoracle.features import prepare
from trackoracle.models import candidate_named
from trackoracle.schema import Gap, ProtocolScore, Scores, Severity, check_tracks, fit_contract
from trackoracle.splits import Protocol, applicable, group_codes, purged
from trackoracle.training import (
    BASELINES,
    Judgement,
    Material,
    Progress,
    TrainingConfig,
    begin_judgement,
    fit_rows,
    judge,
    n_fits,
    workers,
)

MODEL = "lightgbm"
MOST_ROWS = 100_000
"""More rows are thinned to whole artists: the gap is told well by these."""
LEAST_ROWS = 200
LEAST_GAP = 0.03
"""A gap below that is within what seeds and folds do to a score of a few thousand rows."""
FALLS_TO = {"r2": 0.02, "roc_auc": 0.55}
"""With the target shuffled, a pipeline that scores above this sees what it predicts."""
_N_FOLDS = 3
_N_BOOTSTRAP = 100
_ENOUGH_TO_TELL = 5_000
_LEAST_OF_EACH = 200
_ORDER = ("random", "catalog", "known_artist", "new_artist", "future")
_GENRE_ORDERED = Protocol(
    "genre_ordered",
    "artist",
    ("recording",),
    "folds cut from a file that is sorted by genre: genres never seen",
)
_SHUFFLED = Protocol("shuffled", "row", (), "the target shuffled: nothing is left to learn")
_QUICK = {"n_trees": 80, "learning_rate": 0.18}


@dataclass(frozen=True)
class _Trial:
    """One way to judge: which rows' material, which folds, which weights and clusters count."""

    judgement: Judgement
    material: Material
    weight: NDArray[np.float64]
    cluster: NDArray[np.int64]


def find_gap(
    subject: Subject, notebook: Notebook, *, seed: int, n_jobs: int, progress: Progress
) -> Gap | None:
    """Fit the quick model under every protocol that the source allows, and compare.

    Parameters
    ----------
    seed
        For folds, the thinning and the shuffle.
    n_jobs
        Fits at a time.
    progress
        Told of every fit done.
    """
    rows = _thinned(subject, seed)
    if len(rows) < LEAST_ROWS:
        notebook.unchecked.append(
            f"Protocols: a model needs at least {LEAST_ROWS} labelled rows, got {len(rows)}."
        )
        return None
    used = subject.take(rows)
    material = _material(used)
    if not material.prepared.matrix.shape[1] and not material.prepared.lists:
        notebook.unchecked.append("Protocols: the source has no column to learn from.")
        return None
    config = TrainingConfig(
        candidates=(MODEL,), n_folds=_N_FOLDS, seed=seed, params={MODEL: _QUICK}
    )
    names = _names(material, config)
    trials = _trials(used, material, names, config, notebook)
    n_all, n_done = sum(n_fits([trial.judgement]) for trial in trials), 0
    with workers(n_jobs) as pool:
        for trial in trials:
            told = partial(_told, progress, n_done, n_all)
            judge(trial.material, [trial.judgement], config, pool, told)
            n_done += n_fits([trial.judgement])
        scores = list(pool.map(_score, trials))
    gap = Gap(
        metric=metric_of(subject),
        model=f"{MODEL}, {_QUICK['n_trees']} trees, {_N_FOLDS} folds, the track columns only",
        n_tracks=len(rows),
        n_all=int(subject.labelled.sum()),
        protocols=tuple(scores),
    )
    _judge_gap(gap, notebook)
    return gap


def _told(
    progress: Progress, n_before: int, n_all: int, n_done: int, n_own: int, last: str
) -> None:
    progress(n_before + n_done, n_all, last)


def _thinned(subject: Subject, seed: int) -> NDArray[np.int64]:
    """Return the labelled rows, those of whole artists up to the limit."""
    rows = np.flatnonzero(subject.labelled)
    if len(rows) <= MOST_ROWS:
        return rows
    _, artist = np.unique(subject.keys.first_artist[rows], return_inverse=True)
    rank = np.random.default_rng(seed).permutation(int(artist.max()) + 1)
    order = np.argsort(rank[artist], kind="stable")
    return np.sort(rows[order[:MOST_ROWS]])


def _material(subject: Subject) -> Material:
    assert subject.target is not None
    contract = fit_contract(subject.tracks, ())
    checked = check_tracks(subject.tracks, contract)
    keys = subject.keys.renumbered()
    return Material(
        prepare(checked.tracks, contract),
        keys,
        contract,
        subject.target,
        subject.values,
        subject.target.remembered(subject.tracks),
    )


def _names(material: Material, config: TrainingConfig) -> tuple[str, ...]:
    """Return the model and the baselines that this source can feed."""
    recipe, _ = fit_rows(material, np.arange(min(len(material.values), _ENOUGH_TO_TELL)), config)
    return tuple(
        name for name in config.names if set(candidate_named(name).needs) <= set(recipe.names)
    )


def _trials(
    subject: Subject,
    material: Material,
    names: tuple[str, ...],
    config: TrainingConfig,
    notebook: Notebook,
) -> list[_Trial]:
    chosen, left_out = applicable(_ORDER, material.keys)
    notebook.unchecked += left_out
    # As it is usually done: every row is a track of its own.
    rows = np.arange(len(subject))
    apart = replace(material, keys=replace(material.keys, recording=rows))
    shuffled = np.random.default_rng(config.seed).permutation(len(material.values))
    trials = []
    known = material.values
    fewest = min(known.sum(), (1 - known).sum()) if subject.is_binary else len(known)
    last = (_SHUFFLED,) if fewest >= _LEAST_OF_EACH else ()
    if not last:
        notebook.unchecked.append(
            f"Whether a shuffled target is predicted: that takes {_LEAST_OF_EACH} hits and as many "
            f"misses, got {fewest:.0f}."
        )
    for protocol in (*chosen, _GENRE_ORDERED, *last):
        own = apart if protocol.group == "row" else material
        if protocol is _SHUFFLED:
            own = replace(own, values=own.values[shuffled], remembered=own.remembered[shuffled])
        try:
            judgement = _begun(subject, own, protocol, names, config)
        except NotEnoughDataError as error:
            notebook.unchecked.append(f"{protocol.name}: {error.message}")
            continue
        if judgement:
            cluster = group_codes(own.keys, protocol.group)
            trials.append(_Trial(judgement, own, own.keys.weight, cluster))
    return trials


def _begun(
    subject: Subject,
    material: Material,
    protocol: Protocol,
    names: tuple[str, ...],
    config: TrainingConfig,
) -> Judgement | None:
    if protocol is not _GENRE_ORDERED:
        return begin_judgement(material, protocol, names, config)
    if not subject.has("genres"):
        return None
    genre = subject.genre_codes
    if genre.max() < 2 * _N_FOLDS:
        return None
    n = len(genre)
    part = np.empty(n, np.int64)
    for i, rows in enumerate(np.array_split(np.argsort(genre, kind="stable"), _N_FOLDS)):
        part[rows] = i
    folds = [purged(material.keys, protocol, part != i, part == i) for i in range(_N_FOLDS)]
    answers = {name: np.full(n, np.nan) for name in names}
    return Judgement(protocol, folds, answers, dict.fromkeys(answers, 0.0), np.zeros(n, bool))


def _score(trial: _Trial) -> ProtocolScore:
    judgement, material = trial.judgement, trial.material
    rows = judgement.scored
    metric = "roc_auc" if material.target.task == "binary" else "r2"

    def scores(name: str) -> Scores:
        answers = judgement.raw[name][rows]
        judged = Judged(
            material.values[rows], answers, answers, trial.weight[rows], trial.cluster[rows]
        )
        return evaluate_predictions(
            judged, material.target.task, n_bootstrap=_N_BOOTSTRAP if name == MODEL else 0
        )

    naive = [scores(name) for name in BASELINES if name in judgement.raw]
    return ProtocolScore(
        protocol=judgement.protocol.name,
        stands_for=judgement.protocol.stands_for,
        scores=scores(MODEL),
        baseline=max(naive, key=lambda found: found[metric].value),
        n_tracks=len(rows),
    )


def _judge_gap(gap: Gap, notebook: Notebook) -> None:
    _fall(
        gap,
        ("random", "catalog"),
        "random_split_flatters",
        "error",
        "A random split scores well above one that holds out recordings: rows repeat one another.",
        "Hold out recordings; quote the catalog score.",
        notebook,
    )
    strict = "catalog" if gap.of("catalog") else "random"
    _fall(
        gap,
        (strict, "new_artist"),
        "artists_known",
        "warning",
        "Much of the score is knowing the artist: a debut is predicted worse.",
        "Quote new_artist beside catalog, for the question that is asked.",
        notebook,
    )
    _fall(
        gap,
        (strict, "genre_ordered"),
        "genre_order",
        "warning",
        "Folds cut from the file in order of genre judge genres never seen.",
        "Shuffle before cutting folds, or say that unseen genres are judged.",
        notebook,
    )
    shuffled = gap.of("shuffled")
    if shuffled:
        found = shuffled.scores[gap.metric]
        leaks = found.low > FALLS_TO[gap.metric]
        notebook.add(
            "shuffled_target",
            "error" if leaks else "note",
            1,
            "With the target shuffled the pipeline still scores: it sees what it predicts."
            if leaks
            else "With the target shuffled the pipeline falls to the baseline, as it must.",
            evidence=said(found, gap.metric),
            fix="Report this; no score here can be believed." if leaks else "Nothing.",
        )


def _fall(
    gap: Gap,
    protocols: tuple[str, str],
    code: str,
    severity: Severity,
    what: str,
    fix: str,
    notebook: Notebook,
) -> None:
    """Report a gap between two protocols that is large, and beyond both intervals."""
    easy, hard = map(gap.of, protocols)
    if easy is None or hard is None:
        return
    above, below = easy.scores[gap.metric], hard.scores[gap.metric]
    clear = above.low > below.high and above.value - below.value >= LEAST_GAP
    notebook.add(
        code,
        severity,
        hard.n_tracks if clear else 0,
        what,
        evidence=f"{protocols[0]} {said(above, gap.metric)}, "
        f"{protocols[1]} {said(below, gap.metric)}",
        fix=fix,
    )
