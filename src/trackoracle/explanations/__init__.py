"""Why an answer is what it is, what would change it, and what is plausible, as data."""

from trackoracle.explanations.counterfactuals import MOST_ROWS, Found, search
from trackoracle.explanations.effects import Resamples, accumulated
from trackoracle.explanations.features import FeatureGroups, feature_groups, standard_error
from trackoracle.explanations.interactions import interactions
from trackoracle.explanations.path import Attributed, Readout, attribute, log_odds
from trackoracle.explanations.permutations import N_PAIRS, sampled
from trackoracle.explanations.plausibility import (
    ALL,
    Background,
    background_from_state,
    fit_background,
)
from trackoracle.explanations.ranking import Arrangement, arrange
from trackoracle.explanations.surroundings import (
    GENRES,
    LEAST_PLAUSIBLE,
    MOST_STRAIN,
    Surroundings,
    rounded_to,
)
from trackoracle.explanations.usual import LEVELS, RANGE, Usual
from trackoracle.explanations.varying import grid, having, quantile_edges, varied, varied_column

__all__ = [
    "ALL",
    "GENRES",
    "LEAST_PLAUSIBLE",
    "LEVELS",
    "MOST_ROWS",
    "MOST_STRAIN",
    "N_PAIRS",
    "RANGE",
    "Arrangement",
    "Attributed",
    "Background",
    "FeatureGroups",
    "Found",
    "Readout",
    "Resamples",
    "Surroundings",
    "Usual",
    "accumulated",
    "arrange",
    "attribute",
    "background_from_state",
    "feature_groups",
    "fit_background",
    "grid",
    "having",
    "interactions",
    "log_odds",
    "quantile_edges",
    "rounded_to",
    "sampled",
    "search",
    "standard_error",
    "varied",
    "varied_column",
]
