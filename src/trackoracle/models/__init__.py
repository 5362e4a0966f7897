"""The candidates: baselines, linear, tree, forest, boosting."""

from trackoracle.errors import UnknownNameError
from trackoracle.models import baselines, lightgbm_booster, scikit, xgboost_booster
from trackoracle.models.candidate import (
    Candidate,
    FitRequest,
    Members,
    Model,
    Params,
    Profile,
    Range,
)

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
    )
}


def candidate_named(name: str) -> Candidate:
    """Return a candidate by name, or say which are known."""
    if name not in CANDIDATES:
        raise UnknownNameError("candidate", name, CANDIDATES)
    return CANDIDATES[name]


__all__ = [
    "CANDIDATES",
    "Candidate",
    "FitRequest",
    "Members",
    "Model",
    "Params",
    "Profile",
    "Range",
    "candidate_named",
]
