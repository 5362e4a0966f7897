"""Say what would change a prediction, and what is plausible, as data."""

from trackoracle.explanations.counterfactuals import MOST_ROWS, Found, search
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

__all__ = [
    "ALL",
    "GENRES",
    "LEAST_PLAUSIBLE",
    "LEVELS",
    "MOST_ROWS",
    "MOST_STRAIN",
    "RANGE",
    "Arrangement",
    "Background",
    "Found",
    "Surroundings",
    "Usual",
    "arrange",
    "background_from_state",
    "fit_background",
    "rounded_to",
    "search",
]
