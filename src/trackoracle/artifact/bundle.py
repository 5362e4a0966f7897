"""An oracle as one file, and back: parse, check, then construct."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from trackoracle.artifact.archive import FORMAT, read_archive, write_archive
from trackoracle.artifact.card import limits_of, model_card
from trackoracle.artifact.seen import Seen
from trackoracle.distributions import (
    Calibration,
    calibration_from_arrays,
    fit_calibration,
)
from trackoracle.errors import BundleError
from trackoracle.explanations import Background, background_from_state, fit_background
from trackoracle.features import (
    Novelty,
    Recipe,
    family,
    fit_novelty,
    novelty_from_state,
    prepare,
    recipe_from_state,
)
from trackoracle.models import Model, answer_shape, candidate_named
from trackoracle.schema import (
    Card,
    Catalog,
    Contract,
    Finding,
    Hit,
    Report,
    Sharing,
    Target,
    Tier,
    check_tracks,
    report_from_dict,
    sharing_from_dict,
    target_from_dict,
)
from trackoracle.sealed import from_json, from_npy, to_json, to_npy
from trackoracle.training import Trained

_LIBRARIES = ("trackoracle", "numpy", "polars", "scikit-learn", "lightgbm", "xgboost-cpu", "skops")


@dataclass(frozen=True)
class Bundle:
    """What an oracle is made of, as it is kept in its file.

    Parameters
    ----------
    settings
        Of the candidate, as its model was fitted; empty in a file that does not tell them.
    sample_rate
        Share of hits in training; none of a popularity, and in a file that does not tell it.
    prior
        Distribution of the training tracks' target, which answers when nothing is known; none
        in a file that does not tell it.
    novelty
        How far a track lies from the training tracks; none of a small training, and in a
        file that does not tell it.
    background
        What tracks of each genre are like, by which a change is plausible; none of a small
        training, and in a file that does not tell it.
    sharing
        What tracks of one artist share of their uncertainty; none in a file that does not tell it.
    config
        The training configuration, as plain data.
    versions
        Libraries it was made with.
    checksum
        SHA-256 of the file that it was loaded from; empty of one that was not.
    """

    target: Target
    contract: Contract
    recipe: Recipe
    candidate: str
    settings: dict[str, Any]
    model: Model
    calibration: Calibration
    threshold: float
    sample_rate: float | None
    prior: Calibration | None
    novelty: Novelty | None
    background: Background | None
    sharing: Sharing | None
    seen: Seen
    report: Report
    catalog: Card
    config: dict[str, Any]
    versions: dict[str, str]
    checksum: str = ""

    @property
    def limits(self) -> tuple[str, ...]:
        """What the oracle cannot do, in sentences."""
        without = self.config.get("without", ())
        return limits_of(
            without=without,
            least_artists=self.config.get("recipe", {}).get("least_artists", 0),
            tells_seen=self.seen.is_kept,
            tells_novelty=self.novelty is not None,
            tells_background=self.background is not None,
        )

    @property
    def card(self) -> str:
        """The model card, Markdown."""
        return model_card(self.report, self.catalog, self.limits)


def bundle_of(trained: Trained) -> Bundle:
    """Gather what an oracle keeps of a training run."""
    return Bundle(
        target=trained.target,
        contract=trained.contract,
        recipe=trained.recipe,
        candidate=trained.candidate,
        settings=trained.settings,
        model=trained.model,
        calibration=trained.calibration,
        threshold=trained.threshold,
        sample_rate=trained.sample_rate,
        prior=_prior_of(trained.catalog, trained.target),
        novelty=fit_novelty(trained.catalog.tracks, trained.contract),
        background=fit_background(trained.catalog.tracks, trained.contract, family),
        sharing=trained.sharing,
        seen=Seen.of(trained.catalog.tracks),
        report=trained.report,
        catalog=_without_examples(trained.catalog.card),
        config=trained.config.to_dict(),
        versions={
            "python": platform.python_version(),
            **{library: version(library) for library in _LIBRARIES},
        },
    )


def _prior_of(catalog: Catalog, target: Target) -> Calibration:
    """Return the distribution of the target along a raw answer that is the same for all."""
    values = target.values(catalog.tracks)
    same = np.zeros(len(values))
    return fit_calibration(same, values, catalog.keys.weight, same > 0, target.support)


def _without_examples(card: Card) -> Card:
    """Leave out ids and values of single tracks, which an oracle must not carry."""
    return replace(card, findings=tuple(replace(f, examples=()) for f in card.findings))


def save_bundle(path: Path, bundle: Bundle) -> None:
    """Write an oracle; equal oracles give equal bytes.

    Raises
    ------
    OutputError
        When the place cannot be written. What stood there before is untouched.
    """
    recipe_facts, recipe_arrays = bundle.recipe.state()
    manifest = {
        "kind": "trackoracle",
        "target": bundle.target.to_dict(),
        "candidate": bundle.candidate,
        "settings": bundle.settings,
        "threshold": bundle.threshold,
        "sample_rate": bundle.sample_rate,
        "sharing": None if bundle.sharing is None else bundle.sharing.to_dict(),
        "catalog": bundle.catalog.to_dict(),
        "config": bundle.config,
        "versions": bundle.versions,
    }
    members = {
        "contract.json": to_json(bundle.contract.to_dict()),
        "recipe.json": to_json(recipe_facts),
        "scores.json": to_json(bundle.report.timeless()),
        "card.md": bundle.card.encode(),
        "seen.npy": to_npy(bundle.seen.hashes),
        **_members_of("recipe/", recipe_arrays),
        **_members_of("calibration/", bundle.calibration.arrays()),
        **_members_of("prior/", bundle.prior.arrays() if bundle.prior else {}),
        **{f"model/{name}": content for name, content in bundle.model.members().items()},
    }
    if bundle.novelty is not None:
        names, arrays = bundle.novelty.state()
        members["novelty.json"] = to_json(names)
        members |= _members_of("novelty/", arrays)
    if bundle.background is not None:
        facts, arrays = bundle.background.state()
        members["background.json"] = to_json(facts)
        members |= _members_of("background/", arrays)
    write_archive(path, manifest, members)


def load_bundle(path: Path) -> Bundle:
    """Read an oracle; nothing in the file is executed.

    Raises
    ------
    BundleError
        When it is not a whole, unchanged and harmless oracle.
    BundleVersionError
        When it is of a newer format.
    """
    manifest, members = read_archive(path)
    try:
        return replace(_constructed(manifest, members), checksum=_checksum(path))
    except BundleError as error:
        raise BundleError(f"{path}: {error}", path=str(path)) from error
    except Exception as error:  # hostile content fails in any way
        raise BundleError(
            f"{path}: expected an oracle of format {FORMAT}, got content that does not fit "
            f"({type(error).__name__}: {error}). Do not use this file.",
            path=str(path),
        ) from error


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _constructed(manifest: dict[str, Any], members: dict[str, bytes]) -> Bundle:
    def facts(name: str) -> Any:
        return from_json(members[name])

    target = target_from_dict(manifest["target"])
    contract = Contract.from_dict(facts("contract.json"))
    recipe = recipe_from_state(facts("recipe.json"), _arrays(members, "recipe/"))
    model = candidate_named(manifest["candidate"]).load(
        {
            name.removeprefix("model/"): c
            for name, c in members.items()
            if name.startswith("model/")
        },
        len(recipe.names),
        target.task,
        target.n_classes,
    )
    threshold = float(manifest["threshold"])
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold: expected 0 to 1, got {threshold}")
    shape = answer_shape(manifest["candidate"], target)
    _try(contract, recipe, model, shape)
    catalog = manifest["catalog"]
    findings = tuple(Finding(**{**f, "examples": ()}) for f in catalog["findings"])
    unused = tuple(catalog["unused_columns"])
    return Bundle(
        target=target,
        contract=contract,
        recipe=recipe,
        candidate=manifest["candidate"],
        settings=dict(manifest.get("settings", {})),
        model=model,
        calibration=_calibration(members, "calibration/", target, shape),
        threshold=threshold,
        sample_rate=_sample_rate(manifest.get("sample_rate"), target),
        prior=(
            _calibration(members, "prior/", target, ()) if "prior/support.npy" in members else None
        ),
        novelty=_novelty(members, contract),
        background=_background(members, contract),
        sharing=sharing_from_dict(manifest["sharing"]) if manifest.get("sharing") else None,
        seen=Seen(from_npy(members["seen.npy"])),
        report=report_from_dict(facts("scores.json")),
        catalog=Card(**{**catalog, "findings": findings, "unused_columns": unused}),
        config=dict(manifest["config"]),
        versions=dict(manifest["versions"]),
    )


def _sample_rate(told: Any, target: Target) -> float | None:
    """Check the share of hits in training; files of earlier versions tell none."""
    if told is None:
        if isinstance(target, Hit) and target.base_rate is not None:
            raise ValueError("sample_rate: expected that of a stated base rate, got none")
        return None
    if not 0 < told < 1:
        raise ValueError(f"sample_rate: expected above 0 and below 1, got {told}")
    return float(told)


def _calibration(
    members: dict[str, bytes], folder: str, target: Target, shape: tuple[int, ...]
) -> Calibration:
    """Read a calibration of answers of a shape (...) a track."""
    arrays = _arrays(members, folder)
    if isinstance(target, Tier) and "support" not in arrays:
        # Files of format 2 leave out that each tier is a bin of one value.
        n = target.n_classes
        each = {"bin_of": np.arange(n), "shape": np.ones(n)}
        arrays |= {f"{of}_{name}": a for of in ("known", "new") for name, a in each.items()}
        arrays["support"] = target.support
    calibration = calibration_from_arrays(arrays)
    if not np.array_equal(calibration.support, target.support):
        raise ValueError(f"calibration: expected a distribution of {target.name}, got another")
    if not calibration.known.takes == calibration.new.takes == shape:
        raise ValueError("calibration: expected one of what the model answers, got another")
    return calibration


def _novelty(members: dict[str, bytes], contract: Contract) -> Novelty | None:
    """Read the measure of novelty, which earlier versions and small trainings have none of."""
    if "novelty.json" not in members:
        return None
    novelty = novelty_from_state(from_json(members["novelty.json"]), _arrays(members, "novelty/"))
    if any(contract[name].role != "number" for name in novelty.names):
        raise ValueError("novelty: expected numbers of the contract, got others")
    return novelty


def _background(members: dict[str, bytes], contract: Contract) -> Background | None:
    """Read what tracks are like, which earlier versions and small trainings do not tell."""
    if "background.json" not in members:
        return None
    facts = from_json(members["background.json"])
    background = background_from_state(facts, _arrays(members, "background/"))
    if any(contract[name].role != "number" for name in (*facts["names"], *facts["codes"])):
        raise ValueError("background: expected numbers of the contract, got others")
    return background


def _try(contract: Contract, recipe: Recipe, model: Model, shape: tuple[int, ...]) -> None:
    """Predict a track of which nothing is known, so that parts that do not fit show at once."""
    nothing = check_tracks(pl.DataFrame({"track_id": [None]}), contract).tracks
    answer = model.predict(recipe.transform(prepare(nothing, contract)))
    if answer.shape != (1, *shape) or not np.isfinite(answer).all():
        raise ValueError(f"model: expected one answer for one track, got {answer.tolist()}")


def _members_of(folder: str, arrays: dict[str, Any]) -> dict[str, bytes]:
    return {f"{folder}{name}.npy": to_npy(array) for name, array in arrays.items()}


def _arrays(members: dict[str, bytes], folder: str) -> dict[str, Any]:
    return {
        name.removeprefix(folder).removesuffix(".npy"): from_npy(content)
        for name, content in members.items()
        if name.startswith(folder)
    }
