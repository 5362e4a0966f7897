"""What experts' names mean: of candidates, of metrics, and of the numbers that are predicted."""

from __future__ import annotations

import math

from trackoracle.schema import Card, Hit, Target

CANDIDATE_NAMES = {
    "median": "one answer for all tracks",
    "genre_mean": "the mean of the genre",
    "artist_mean": "the mean of the artist",
    "linear": "a weighted sum of the inputs",
    "tree": "one decision tree",
    "forest": "many random trees",
    "hist_boosting": "boosted trees of scikit-learn",
    "xgboost": "boosted trees of XGBoost",
    "lightgbm": "boosted trees",
    "lightgbm_bins": "boosted trees by range of points",
    "xgboost_bins": "boosted trees of XGBoost by range of points",
    "forest_bins": "many random trees by range of points",
    "ebm": "a sum of curves, one a feature",
    "network": "a neural network",
    "network_bins": "a neural network by range of points",
    "ensemble": "a mixture of others",
    "stack": "others weighed by a second model",
    "by_genre": "a model for each genre",
}
"""Candidates and baselines in plain words, by the names that configurations have for them."""
METRICS_EXPLAINED = {
    "r2": (
        "R² is the share of the differences between tracks that is explained: 0 is worth no more "
        "than one answer for all, below 0 less, 1 is perfect."
    ),
    "roc_auc": "ROC-AUC is how often a hit is placed above a miss: 0.5 is chance, 1 is perfect.",
    "rpss": (
        "RPS skill is how much nearer to the true tier the probabilities are than the tiers' "
        "shares among all tracks: 0 is worth no more than those, 1 is perfect."
    ),
}
"""What the main metric of a leaderboard says."""
ORDER_EXPLAINED = "Spearman is the rank correlation with the true order: 0 is chance, 1 that order."


def called(candidate: str) -> str:
    """Return a candidate in plain words, its name in brackets.

    Examples
    --------
    >>> called("lightgbm_bins"), called("mine")
    ('boosted trees by range of points (lightgbm_bins)', 'mine')
    """
    words = CANDIDATE_NAMES.get(candidate)
    return candidate if words is None else f"{words} ({candidate})"


def proved(metric: str, value: float) -> str:
    """Say what a main score is worth, after a subject.

    Examples
    --------
    >>> proved("r2", 0.418)
    'explains 42 % of the differences in popularity'
    >>> proved("r2", -0.01)
    'explains none of the differences in popularity'
    >>> proved("roc_auc", 0.874)
    'places a hit above a miss in 87 of 100 pairs'
    >>> proved("rpss", 0.21)
    "is 21 % nearer to the true tier than the tiers' shares"
    """
    share = 0 if math.isnan(value) else max(0, round(100 * value))
    match metric:
        case "r2":
            return f"explains {f'{share} %' if share else 'none'} of the differences in popularity"
        case "roc_auc":
            return f"places a hit above a miss in {share} of 100 pairs"
    near = f"{share} %" if share else "not"
    return f"is {near} nearer to the true tier than the tiers' shares"


def unit_sentence(target: Target, card: Card) -> str:
    """Say what the number that answers is, and as of when.

    Parameters
    ----------
    target, card
        Of the oracle, and of the catalog that it learned from.

    Examples
    --------
    >>> import trackoracle as to
    >>> oracle = to.load_oracle()
    >>> unit_sentence(oracle.target, oracle.bundle.catalog)
    "Points are Spotify's popularity, 0 to 100, as of 2022-10."
    """
    if isinstance(target, Hit) and target.above is None:
        what = f"A hit is what {_whose(card)} calls one"
    elif card.synthetic or card.is_of_users:
        what = f"Points are the popularity that {_whose(card)} tells, 0 to 100"
    else:
        what = "Points are Spotify's popularity, 0 to 100"
    if card.synthetic:
        return f"{what}: made up, and true of no real music."
    if card.snapshot is None:
        return f"{what}; as of when is not known."
    return f"{what}, as of {card.snapshot}."


def _whose(card: Card) -> str:
    if card.synthetic:
        return "the synthetic sample"
    if card.is_of_users:
        return "the file that the oracle learned from"
    return f"the catalog that the oracle learned from ({card.name})"
