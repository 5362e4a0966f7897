"""The one configuration of a training run."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar, get_args

from trackoracle.errors import ConfigError, UnknownNameError
from trackoracle.features import RecipeSettings
from trackoracle.models import CANDIDATES, Params, Profile, Range, candidate_named
from trackoracle.schema import INPUT_GROUPS
from trackoracle.splits import HONEST, SHOWN, protocol_named

BASELINES = tuple(name for name, candidate in CANDIDATES.items() if candidate.is_baseline)
_T = TypeVar("_T")
_FAST = ("linear", "tree", "forest", "xgboost", "lightgbm", "lightgbm_bins")
_FULL = ("linear", "tree", "forest", "hist_boosting", "xgboost", "lightgbm", "lightgbm_bins")


@dataclass(frozen=True)
class SearchSettings:
    """How the full profile looks for better settings inside the training rows of each fold.

    Parameters
    ----------
    seconds
        Budget of all searches of a run together, by the clock; 0 for no search.
    n_trials
        Trials of each search, whatever they take: the same oracle every time. 0 leaves it to
        the budget, by which a quicker machine tries more.
    candidates
        Whose settings are looked for; the others keep the profile's.
    """

    seconds: float = 300.0
    n_trials: int = 0
    candidates: tuple[str, ...] = ("lightgbm_bins", "lightgbm")


@dataclass(frozen=True)
class TrainingConfig:
    """How to train; every field can stand in a TOML file or after `--set`.

    Parameters
    ----------
    profile
        "fast" or "full": which candidates, and their settings.
    candidates
        Names; empty for those of the profile. Baselines always run.
    protocols
        Names, in the order of the leaderboard.
    n_folds
        Test parts under each protocol.
    n_bootstrap
        Resamples behind each interval.
    seed
        For folds, candidates and resamples.
    without
        Input groups that may not be used, as "artist" and "release" where nothing of them will
        be known; the protocols hold out by them all the same.
    recipe
        Settings of the recipe.
    params
        Settings by candidate that replace the profile's; a search leaves them alone.
    search
        Settings of the search, which is part of the full profile only.

    Examples
    --------
    >>> TrainingConfig().with_overrides({"n_folds": "3"}).n_folds
    3
    """

    profile: Profile = "fast"
    candidates: tuple[str, ...] = ()
    protocols: tuple[str, ...] = SHOWN
    n_folds: int = 5
    n_bootstrap: int = 200
    seed: int = 0
    without: tuple[str, ...] = ()
    recipe: RecipeSettings = field(default_factory=RecipeSettings)
    params: Mapping[str, Params] = field(default_factory=dict)
    search: SearchSettings = field(default_factory=SearchSettings)

    def __post_init__(self) -> None:
        if self.profile not in get_args(Profile):
            raise UnknownNameError("profile", self.profile, get_args(Profile))
        for name in (*self.candidates, *self.params, *self.search.candidates):
            candidate_named(name)
        for name in self.protocols:
            protocol_named(name)
        for name in self.without:
            if name not in INPUT_GROUPS:
                raise UnknownNameError("input group", name, INPUT_GROUPS)
        _expect("n_folds", self.n_folds, 2, 50)
        _expect("n_bootstrap", self.n_bootstrap, 20, 100_000)
        _expect("seed", self.seed, 0, 2**32 - 1)
        _expect("recipe.masked_share", self.recipe.masked_share, 0, 1)
        _expect("recipe.dropped_share", self.recipe.dropped_share, 0, 0.5)
        for name in ("name_strength", "genre_strength", "word_strength", "phrase_strength"):
            _expect(f"recipe.{name}", getattr(self.recipe, name), 0, 1_000_000)
        for name in self.search.candidates:
            if not candidate_named(name).space:
                known = ", ".join(n for n, c in CANDIDATES.items() if c.space)
                raise ConfigError(
                    f"search.candidates: expected some of {known}, got {name}, of which nothing "
                    "is searched. Leave it out."
                )
        _expect("search.seconds", self.search.seconds, 0, 10_000_000)
        _expect("search.n_trials", self.search.n_trials, 0, 10_000)
        if not set(self.protocols) & set(HONEST):
            raise ConfigError(
                f"protocols: expected at least one of {', '.join(HONEST)}, got "
                f"{', '.join(self.protocols) or 'none'}. Add one."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Candidates to train, baselines first."""
        chosen = self.candidates or (_FAST if self.profile == "fast" else _FULL)
        return (*BASELINES, *(name for name in chosen if name not in BASELINES))

    def params_of(self, name: str) -> Params:
        """Return the settings of a candidate under the profile, with the overrides."""
        return {**candidate_named(name).params[self.profile], **self.params.get(name, {})}

    @property
    def searched(self) -> tuple[str, ...]:
        """Candidates whose settings are searched in this run."""
        wanted = self.search.seconds > 0 or self.search.n_trials > 0
        if self.profile != "full" or not wanted:
            return ()
        return tuple(
            name for name in self.names if name in self.search.candidates and self.space_of(name)
        )

    def space_of(self, name: str) -> dict[str, Range]:
        """Return where a search looks for a candidate's settings; not for those given here."""
        given = self.params.get(name, {})
        return {k: range_ for k, range_ in candidate_named(name).space.items() if k not in given}

    def having(self, name: str, settings: Params) -> TrainingConfig:
        """Return the configuration with some settings of a candidate replaced."""
        settings = {**self.params.get(name, {}), **settings}
        return replace(self, params={**self.params, name: settings})

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as plain data."""
        facts = asdict(self)
        facts["params"] = {name: dict(params) for name, params in self.params.items()}
        return facts

    def with_overrides(self, settings: Mapping[str, Any]) -> TrainingConfig:
        """Replace fields; nested ones are named with dots, as in "recipe.masked_share".

        Raises
        ------
        UnknownNameError
            When there is no such field.
        ConfigError
            When the value does not fit.
        """
        config = self
        for name, value in settings.items():
            config = _with(config, name.split("."), value)
        return config


def load_config(path: Path, base: TrainingConfig | None = None) -> TrainingConfig:
    """Read a configuration from TOML; unknown keys fail."""
    return (base or TrainingConfig()).with_overrides(read_settings(path))


def read_settings(path: Path) -> dict[str, Any]:
    """Read the settings in a TOML file, those of tables under dotted names."""
    try:
        facts = tomllib.loads(path.read_text())
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: expected a TOML file, got nothing there.") from error
    except OSError as error:
        raise ConfigError(f"{path}: expected a TOML file, got an error ({error}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: expected TOML, got an error ({error}).") from error
    return _flat(facts)


def _flat(facts: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _with(config: TrainingConfig, path: list[str], value: Any) -> TrainingConfig:
    match path:
        case ["params", candidate, setting]:
            known = candidate_named(candidate).params[config.profile]
            if setting not in known:
                raise UnknownNameError(f"setting of {candidate}", setting, known)
            params = {**config.params, candidate: dict(config.params.get(candidate, {}))}
            params[candidate][setting] = _cast(setting, value, known[setting])
            return replace(config, params=params)
        case ["recipe", setting]:
            return replace(config, recipe=replaced(config.recipe, setting, value))
        case ["search", setting]:
            return replace(config, search=replaced(config.search, setting, value))
        case [setting] if setting not in ("params", "recipe", "search"):
            return replaced(config, setting, value)
        case _:
            known_names = [f.name for f in fields(config)]
            raise UnknownNameError("setting", ".".join(path), known_names)


def replaced(settings: _T, name: str, value: Any) -> _T:
    """Replace one field of frozen settings, the value brought to the type of the default."""
    known = [f.name for f in fields(settings)]  # type: ignore[arg-type]
    if name not in known:
        raise UnknownNameError("setting", name, known)
    cast = _cast(name, value, getattr(settings, name))
    return replace(settings, **{name: cast})  # type: ignore[type-var]


def _cast(name: str, value: Any, like: Any) -> Any:
    """Bring a value, which may be text of the command line, to the type of the default."""
    if not isinstance(like, str | tuple | float | int):
        raise ConfigError(f"{name}: cannot be set from outside, got {value!r}. Leave it out.")
    try:
        if isinstance(like, str):
            return str(value)
        read = _read(value) if isinstance(value, str) else value
        if isinstance(like, tuple):
            names = tuple(read.split(",")) if isinstance(read, str) else tuple(read)
            if not all(isinstance(name, str) for name in names):
                raise ValueError(value)
            return names
        if isinstance(like, float):
            return float(read)
        if float(read) != int(float(read)):
            raise ValueError(value)
        return int(float(read))
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigError(
            f"{name}: expected a value like {like!r}, got {value!r}. Correct it."
        ) from error


def _read(text: str) -> Any:
    """Read a value as a TOML file has it, as true or ["a", "b"]; other text stays text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _expect(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ConfigError(f"{name}: expected {low:,} to {high:,}, got {value}. Correct it.")
