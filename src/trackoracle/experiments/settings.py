"""The one configuration of an experiment: which cells the grid has, and how they are judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

from trackoracle.errors import ConfigError, UnknownNameError
from trackoracle.features import RecipeSettings
from trackoracle.models import Params, Profile, candidate_named
from trackoracle.splits import protocol_named
from trackoracle.training import TrainingConfig, read_settings, replaced

BALANCED_FOREST = "balanced_forest"
NONE = "none"
RESAMPLING = (
    NONE, "class_weights", "undersample", "smote", "adasyn", "smote_tomek", BALANCED_FOREST,
)  # fmt: skip
OUTLIERS = (NONE, "iqr_capping", "z_removal")
TRANSFORMS = (NONE, "log", "sqrt", "box_cox", "yeo_johnson")
THRESHOLDS = ("f1", "cost", "precision_at_k", "fixed")
_DELEGATED = ("recipe", "params")


@dataclass(frozen=True)
class Cell:
    """One combination of the grid."""

    candidate: str
    resampling: str = NONE
    outliers: str = NONE
    transform: str = NONE

    @property
    def key(self) -> str:
        """The cell as one text.

        Examples
        --------
        >>> Cell("forest", "smote").key
        'forest/smote/none/none'
        """
        return "/".join((self.candidate, *self.arm))

    @property
    def arm(self) -> tuple[str, str, str]:
        """What is done to the rows before any candidate sees them."""
        return self.resampling, self.outliers, self.transform

    @property
    def plain(self) -> Cell:
        """The same candidate on the rows as they are."""
        return Cell(self.candidate)


@dataclass(frozen=True)
class ExperimentSettings:
    """Which cells to try, and how; every field can stand in a TOML file or after `--set`.

    Parameters
    ----------
    candidates
        Names of candidates.
    resampling
        Of the training rows: "none", "class_weights", "undersample", "smote",
        "adasyn", "smote_tomek"; and "balanced_forest", which is a forest of its own
        and is tried once, whatever the candidates.
    outliers
        "none", "iqr_capping" (measured inputs brought inside Tukey's fences),
        "z_removal" (training rows with |z| > 3 in more than two measured inputs).
    transforms
        Of skewed inputs: "none", "log", "sqrt", "box_cox", "yeo_johnson".
    threshold
        How the threshold is chosen, on the calibration part: "f1", "cost",
        "precision_at_k", or "fixed" at .5 of the model's own answer.
    cost_miss, cost_alarm
        Of a hit not called and of a miss called a hit, for "cost".
    top_share
        Share of tracks to call, for "precision_at_k".
    protocol, n_folds, n_bootstrap, seed
        As in training.
    n_neighbors
        Of a hit, among which synthetic hits are made; fewer where there are fewer hits.
    profile, recipe, params
        As in training.

    Examples
    --------
    >>> settings = ExperimentSettings(candidates=("tree",), resampling=("none", "smote"))
    >>> [cell.key for cell in settings.cells]
    ['tree/none/none/none', 'tree/smote/none/none']
    """

    candidates: tuple[str, ...] = ("linear", "forest", "lightgbm")
    resampling: tuple[str, ...] = (NONE, "class_weights", "undersample", "smote")
    outliers: tuple[str, ...] = (NONE,)
    transforms: tuple[str, ...] = (NONE,)
    threshold: str = "f1"
    cost_miss: float = 5.0
    cost_alarm: float = 1.0
    top_share: float = 0.05
    protocol: str = "new_artist"
    n_folds: int = 5
    n_bootstrap: int = 200
    seed: int = 0
    n_neighbors: int = 5
    profile: Profile = "fast"
    recipe: RecipeSettings = field(default_factory=RecipeSettings)
    params: Mapping[str, Params] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.candidates:
            candidate_named(name)
        protocol_named(self.protocol)
        for kind, chosen, known in (
            ("resampling", self.resampling, RESAMPLING),
            ("outliers", self.outliers, OUTLIERS),
            ("transforms", self.transforms, TRANSFORMS),
            ("threshold", (self.threshold,), THRESHOLDS),
        ):
            for name in chosen:
                if name not in known:
                    raise UnknownNameError(kind, name, known)
        for name, low, high in (
            ("n_neighbors", 1, 100),
            ("cost_miss", 0, 1e9),
            ("cost_alarm", 0, 1e9),
        ):
            _expect(name, getattr(self, name), low, high)
        _expect("top_share", self.top_share, 0.0001, 1)
        if not self.cells:
            raise ConfigError(
                "grid: expected at least one candidate, resampling, outlier and transform arm, "
                "got none of one kind. Name one."
            )
        _ = self.training

    @property
    def training(self) -> TrainingConfig:
        """What the training room is told; checks what it shares with these settings."""
        return TrainingConfig(
            profile=self.profile,
            n_folds=self.n_folds,
            n_bootstrap=self.n_bootstrap,
            seed=self.seed,
            recipe=self.recipe,
            params=self.params,
        )

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The grid, arm by arm, each cell once."""
        cells: dict[Cell, None] = {}
        for outliers, transform, resampling in product(
            self.outliers, self.transforms, self.resampling
        ):
            names = ("forest",) if resampling == BALANCED_FOREST else self.candidates
            cells |= dict.fromkeys(Cell(name, resampling, outliers, transform) for name in names)
        return tuple(cells)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain data."""
        facts = asdict(self)
        facts["params"] = {name: dict(params) for name, params in self.params.items()}
        return facts

    def with_overrides(self, settings: Mapping[str, Any]) -> ExperimentSettings:
        """Replace fields; those of recipe and params are named with dots.

        Raises
        ------
        UnknownNameError
            When there is no such field.
        ConfigError
            When the value does not fit.

        Examples
        --------
        >>> ExperimentSettings().with_overrides({"resampling": "none,smote"}).resampling
        ('none', 'smote')
        """
        result = self
        for name, value in settings.items():
            first, dot, _ = name.partition(".")
            if dot and first in _DELEGATED:
                told = result.training.with_overrides({name: value})
                result = replace(result, recipe=told.recipe, params=told.params)
            elif dot or first in _DELEGATED:
                raise UnknownNameError("setting", name, [f.name for f in fields(self)])
            else:
                result = replaced(result, name, value)
        return result


def load_experiment_settings(
    path: Path, base: ExperimentSettings | None = None
) -> ExperimentSettings:
    """Read settings from TOML; unknown keys fail."""
    return (base or ExperimentSettings()).with_overrides(read_settings(path))


def _expect(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ConfigError(f"{name}: expected {low:,g} to {high:,g}, got {value:g}. Correct it.")
