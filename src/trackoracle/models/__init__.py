"""The candidates: baselines, linear, tree, forest, boosting, glass box, networks, mixtures."""

from trackoracle.errors import UnknownNameError
from trackoracle.models import (
    baselines,
    binned_booster,
    glass_box,
    lightgbm_booster,
    networks,
    scikit,
    xgboost_booster,
)
from trackoracle.models.by_genre import by_genre_of
from trackoracle.models.candidate import (
    Candidate,
    FitRequest,
    Inner,
    InnerPart,
    Members,
    Model,
    Params,
    Profile,
    Range,
)
from trackoracle.models.combining import RowParts
from trackoracle.models.mixing import ensemble_of
from trackoracle.models.stacking import stack_of
from trackoracle.schema import Target

SINGLE: dict[str, Candidate] = {
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
        binned_booster.XGBOOST_BINS,
        binned_booster.FOREST_BINS,
        glass_box.GLASS_BOX,
        networks.NETWORK,
        networks.NETWORK_BINS,
    )
}
"""Those that are made of no others."""
MADE_OF_OTHERS: dict[str, Candidate] = {
    candidate.name: candidate
    for candidate in (ensemble_of(SINGLE), stack_of(SINGLE), by_genre_of(SINGLE))
}
CANDIDATES: dict[str, Candidate] = SINGLE | MADE_OF_OTHERS


def candidate_named(name: str) -> Candidate:
    """Return a candidate by name, or say which are known."""
    if name not in CANDIDATES:
        raise UnknownNameError("candidate", name, CANDIDATES)
    return CANDIDATES[name]


def answer_shape(name: str, target: Target) -> tuple[int, ...]:
    """Return the shape of what a candidate answers one track with."""
    if candidate_named(name).answers_bins and target.task == "regression":
        return (len(target.bins) + 1,)
    return target.answer_shape


__all__ = [
    "CANDIDATES",
    "MADE_OF_OTHERS",
    "SINGLE",
    "Candidate",
    "FitRequest",
    "Inner",
    "InnerPart",
    "Members",
    "Model",
    "Params",
    "Profile",
    "Range",
    "RowParts",
    "answer_shape",
    "candidate_named",
]
