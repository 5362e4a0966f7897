"""Tracks become model inputs; what was fitted remembers only training rows."""

from trackoracle.features.derived import DERIVED, Derived
from trackoracle.features.fitting import (
    ARTIST_MEAN,
    GENRE_MEAN,
    SNAPSHOT_INPUTS,
    TrainingRows,
    fit_recipe,
)
from trackoracle.features.genres import FAMILIES, OTHER, family
from trackoracle.features.hiding import Views, views_of
from trackoracle.features.history import MEASURES, History, fit_history
from trackoracle.features.novelty import FAR, Novelty, fit_novelty, novelty_from_state
from trackoracle.features.novelty import LEVELS as NOVELTY_LEVELS
from trackoracle.features.origins import origins
from trackoracle.features.prepared import Prepared, prepare
from trackoracle.features.recipe import Recipe, recipe_from_state
from trackoracle.features.settings import RecipeSettings
from trackoracle.features.variations import Variations

__all__ = [
    "ARTIST_MEAN",
    "DERIVED",
    "FAMILIES",
    "FAR",
    "GENRE_MEAN",
    "MEASURES",
    "NOVELTY_LEVELS",
    "OTHER",
    "SNAPSHOT_INPUTS",
    "Derived",
    "History",
    "Novelty",
    "Prepared",
    "Recipe",
    "RecipeSettings",
    "TrainingRows",
    "Variations",
    "Views",
    "family",
    "fit_history",
    "fit_novelty",
    "fit_recipe",
    "novelty_from_state",
    "origins",
    "prepare",
    "recipe_from_state",
    "views_of",
]
