"""How the label came about: whether artists or genres settle it, and how its classes balance."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trackoracle.audit.findings import Notebook, percent
from trackoracle.audit.single import TOO_GOOD, estimate_alone, metric_of, said
from trackoracle.audit.subject import Codes, Subject, Values, level_codes
from trackoracle.schema import TARGET_COLUMNS

SUSPICIOUS_SHARE = 0.25
"""Below this share of the groups with both labels that chance gives, the group is the label."""
LEAST_EXPECTED = 8.0
"""So many groups with both labels must be expected.

Fewer than a quarter of eight has a chance of .003 (Poisson).
"""
SETTLED_SPREAD = 0.01
"""The targets of a group are one when they vary by less than this share of all variance."""
STRONG_GROUP = {"r2": 0.2, "roc_auc": 0.65}
"""From here a group alone is a baseline that every score must stand beside."""
BALANCED_WITHIN = 0.005
"""Classes closer to one half were balanced by hand."""
FAR_FROM_RATE = 2.0
"""A share of hits so many times the true rate, or less than its inverse, is another population."""
MANY_ZEROS = 0.05
_LEAST_ROWS = 100


def check_labels(subject: Subject, base_rate: float | None, notebook: Notebook) -> None:
    """Ask where the labels come from.

    Parameters
    ----------
    base_rate
        The true share of hits, where the user states it.
    """
    unlabelled = len(subject) - int(subject.labelled.sum())
    notebook.add(
        "missing_target",
        "note",
        unlabelled,
        "Rows have no target: a score says nothing of them.",
        evidence=f"{unlabelled:,} of {len(subject):,} rows ({percent(unlabelled, len(subject))})",
        fix="Find out whether they lack it by chance.",
    )
    for name, codes in _named_groups(subject):
        settled = _settled_hits if subject.is_binary else _settled_points
        if not settled(subject, name, codes, notebook):
            _group_predicts(subject, name, codes, notebook)
    if not subject.keys.has_artists:
        notebook.unchecked.append("Whether the artist settles the label: no artists are named.")
    if subject.is_binary:
        _class_balance(subject, base_rate, notebook)
    else:
        _zeros(subject, notebook)
    _other_target(subject, notebook)


def _named_groups(subject: Subject) -> Iterator[tuple[str, Codes]]:
    if subject.keys.has_artists:
        yield "artist", subject.keys.first_artist
    if subject.has("album_name"):
        # By its name alone: a compilation has many artists.
        yield "album", level_codes(subject.tracks["album_name"])
    if subject.has("genres"):
        yield "genre", subject.genre_codes


def _settled_hits(subject: Subject, name: str, codes: Codes, notebook: Notebook) -> bool:
    """Compare the number of groups with both labels to that of labels dealt at random."""
    if name == "album":
        return False  # one album may hold hits only; whether it tells too much, see below
    ways = [codes]
    if name == "artist":
        # Labels may have been dealt by the credits as they are written.
        ways.append(subject.credit_codes)
    counts = [
        groups_with_both(way[subject.labelled], subject.values[subject.labelled]) for way in ways
    ]
    n_both, n_several, expected = min(counts, key=lambda count: count[0] / max(count[2], 1e-9))
    # Genres are few and large: chance gives all of them both labels.
    enough = expected >= LEAST_EXPECTED or (name == "genre" and n_several >= 2)
    settled = enough and n_both < SUSPICIOUS_SHARE * expected
    notebook.add(
        f"{name}_settles_label",
        "error",
        n_several - n_both if settled else 0,
        f"Hardly any {name} has both hits and misses: the label tells which {name} it is.",
        evidence=f"{n_both:,} of {n_several:,} {name}s with several tracks have both; labels dealt "
        f"at random would give {expected:,.0f}",
        fix=f"Read new_artist scores only, and doubt that a hit differs from a miss by more than "
        f"its {name}; better, label tracks of the same {name}s.",
    )
    return settled


def groups_with_both(codes: Codes, values: Values) -> tuple[int, int, float]:
    """Count groups with both labels.

    Returns
    -------
    Groups with both, groups of several rows, and how many would have both by chance.

    Examples
    --------
    >>> groups_with_both(np.array([0, 0, 1, 1, 2]), np.array([0.0, 1, 0, 0, 1]))[:2]
    (1, 2)
    """
    _, group = np.unique(codes, return_inverse=True)
    n, hits = np.bincount(group), np.bincount(group, values)
    several = n >= 2
    n, hits = n[several], hits[several]
    rate = float(values.mean())
    expected = float((1 - rate**n - (1 - rate) ** n).sum())
    return int(((hits > 0) & (hits < n)).sum()), int(several.sum()), expected


def _settled_points(subject: Subject, name: str, codes: Codes, notebook: Notebook) -> bool:
    """Ask whether targets vary within groups at all."""
    rows = np.flatnonzero(subject.labelled)
    # One row a recording, or releases of one recording would pass for a group of one target.
    rows = rows[np.unique(subject.keys.recording[rows], return_index=True)[1]]
    values = subject.values[rows]
    _, group = np.unique(codes[rows], return_inverse=True)
    size = np.bincount(group)
    several = size[group] >= 2
    if several.sum() < _LEAST_ROWS or np.var(values[several]) == 0:
        return False
    mean = np.bincount(group, values) / size
    degrees = size[group] / np.maximum(size[group] - 1, 1)
    within = float(np.mean((degrees * (values - mean[group]) ** 2)[several]))
    share = within / float(np.var(values[several]))
    settled = share < SETTLED_SPREAD
    notebook.add(
        f"{name}_settles_label",
        "error",
        int(several.sum()) if settled else 0,
        f"All tracks of one {name} have the same target: it was measured of the {name}.",
        evidence=f"{percent(share, 1)} of the variance lies within {name}s, of "
        f"{int(several.sum()):,} recordings",
        fix="Find the popularity of the tracks themselves.",
    )
    return settled


def _group_predicts(subject: Subject, name: str, codes: Codes, notebook: Notebook) -> None:
    metric = metric_of(subject)
    estimate = estimate_alone(subject, codes)
    notebook.add(
        f"{name}_predicts_target",
        "warning" if estimate.value >= TOO_GOOD[metric] else "note",
        int(estimate.value >= STRONG_GROUP[metric]),
        f"The {name} alone, by the mean of its other recordings, tells much of the target.",
        evidence=f"{said(estimate, metric)} out of fold",
        fix=f"Show that baseline beside every score, and a score for unseen {name}s.",
    )


def _class_balance(subject: Subject, base_rate: float | None, notebook: Notebook) -> None:
    values = subject.values[subject.labelled]
    n, share = len(values), float(values.mean())
    shown = f"{int(values.sum()):,} hits in {n:,} rows ({percent(share, 1)})"
    if base_rate is not None:
        ratio = share / base_rate
        far = max(ratio, 1 / ratio if ratio else np.inf) >= FAR_FROM_RATE
        notebook.add(
            "class_balance",
            "error" if far else "note",
            n if far else 1,
            "The share of hits is not the true rate: accuracy, precision and probabilities do not "
            "carry over."
            if far
            else "The share of hits is near the stated rate.",
            evidence=f"{shown}, true rate {percent(base_rate, 1)}",
            fix="Score at the true rate: precision at k, lift, PR-AUC under class weights.",
        )
        return
    balanced = n >= _LEAST_ROWS and abs(share - 0.5) <= BALANCED_WITHIN
    notebook.add(
        "balanced_by_hand",
        "warning",
        n if balanced else 0,
        "Hits and misses are balanced: real catalogs hold few hits.",
        evidence=f"{shown}{_estimated_rate(subject)}",
        fix="State the true rate with --base-rate; read ROC-AUC and precision at k, not accuracy.",
    )
    if not balanced:
        notebook.add(
            "class_balance",
            "note",
            1,
            "The share of hits, which accuracy must be read beside.",
            evidence=f"{shown}; always answering the commoner label is right for "
            f"{percent(max(share, 1 - share), 1)}",
            fix="Read PR-AUC, Brier and precision at k beside it.",
        )


def _estimated_rate(subject: Subject) -> str:
    """Estimate how rare hits are, where the source has popularity, too."""
    if not subject.has("popularity"):
        return ""
    points = subject.tracks["popularity"].drop_nulls()
    return (
        f"; {percent(float((points > 70).sum()) / len(points), 1)} of its rows are above 70 points"
    )


def _zeros(subject: Subject, notebook: Notebook) -> None:
    values = subject.values[subject.labelled]
    zeros = int((values == 0).sum())
    many = zeros >= MANY_ZEROS * len(values)
    notebook.add(
        "popularity_zeros",
        "warning" if many else "note",
        zeros,
        "Popularity is 0: never played, or a copy whose plays count elsewhere.",
        evidence=f"{zeros:,} of {len(values):,} rows ({percent(zeros, len(values))})",
        fix="Report errors with and without them; do not read 0 as the least popular music.",
    )


def _other_target(subject: Subject, notebook: Notebook) -> None:
    """Mention a second target in the file, which is not an input."""
    others = [name for name in TARGET_COLUMNS if subject.has(name)]
    theirs = [subject.theirs.get(name, name) for name in others]
    others = [name for name in theirs if name not in subject.target_columns]
    notebook.add(
        "second_target",
        "note",
        len(others),
        "The source has another target, too; TrackOracle never uses it as an input.",
        evidence=", ".join(others),
        examples=tuple(others),
        fix="Leave it out of your own models' inputs.",
    )
