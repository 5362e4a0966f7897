"""Why an answer is what it is, from the model's own inputs to what people know."""

from trackoracle.explanations.effects import Resamples, accumulated
from trackoracle.explanations.features import FeatureGroups, feature_groups, standard_error
from trackoracle.explanations.interactions import interactions
from trackoracle.explanations.path import Attributed, Readout, attribute, log_odds
from trackoracle.explanations.permutations import N_PAIRS, sampled
from trackoracle.explanations.varying import grid, having, quantile_edges, varied, varied_column

__all__ = [
    "N_PAIRS",
    "Attributed",
    "FeatureGroups",
    "Readout",
    "Resamples",
    "accumulated",
    "attribute",
    "feature_groups",
    "grid",
    "having",
    "interactions",
    "log_odds",
    "quantile_edges",
    "sampled",
    "standard_error",
    "varied",
    "varied_column",
]
