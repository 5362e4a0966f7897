"""Why an answer is what it is, from the model's own inputs to what people know."""

from trackoracle.explanations.features import FeatureGroups, feature_groups, standard_error
from trackoracle.explanations.interactions import interactions
from trackoracle.explanations.path import Attributed, Readout, attribute, log_odds
from trackoracle.explanations.permutations import N_PAIRS, sampled

__all__ = [
    "N_PAIRS",
    "Attributed",
    "FeatureGroups",
    "Readout",
    "attribute",
    "feature_groups",
    "interactions",
    "log_odds",
    "sampled",
    "standard_error",
]
