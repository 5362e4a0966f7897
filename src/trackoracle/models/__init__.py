"""The candidates: baselines, linear, tree, forest, boosting, networks."""

from trackoracle.errors import UnknownNameError
from trackoracle.models import (
    baselines,
    binned_booster,
    lightgbm_booster,
    networks,
    scikit,
    xgboost_booster,
)
from trackoracle.models.candidate import (
    Candidate,
    FitRequest,
    Members,
    Model,
    Params,
    Profile,
    Range,
)
from trackoracle.schema import Target

CANDIDATES: dict[str, Candidate] = {
    candidate.name: candidate
    for candidate in (
        baselines.CONSTANT,
        baselines.GENRE,
        baselines.ARTIST,
        scikit.LINEAR,
        scikit.TREE,
        scikit.FOREST,
        scikit.HISTOGRAM,
        xgboost_booster.XGBOOST,
        lightgbm_booster.LIGHTGBM,
        binned_booster.LIGHTGBM_BINS,
        networks.NETWORK,
        networks.NETWORK_BINS,
    )
}


def candidate_named(name: str) -> Candidate:
    """Return a candidate by name, or say which are known."""
    if name not in CANDIDATES:
        raise UnknownNameError("candidate", name, CANDIDATES)
    return CANDIDATES[name]


def answer_shape(name: str, target: Target) -> tuple[int, ...]:
    """Return the shape of what a candidate answers one track with."""
    if candidate_named(name).answers_bins:
        return (len(target.bins) + 1,)
    return target.answer_shape


__all__ = [
    "CANDIDATES",
    "Candidate",
    "FitRequest",
    "Members",
    "Model",
    "Params",
    "Profile",
    "Range",
    "answer_shape",
    "candidate_named",
]
