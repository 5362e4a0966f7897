"""Results that rooms share: plain numbers in frozen dataclasses."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from trackoracle.schema.curves import (
    Curves,
    FittingCurve,
    LearningCurve,
    curves_from_dict,
    fitting_curve_from_dict,
    learning_curve_from_dict,
)
from trackoracle.schema.estimates import Difference, Scores, estimate_from_dict
from trackoracle.schema.quality import Quality, quality_from_dict
from trackoracle.schema.showing import Shown


@dataclass(frozen=True)
class GroupScore:
    """The scores of one group of tracks: a genre or a popularity band."""

    group: str
    n_tracks: int
    scores: Scores


@dataclass(frozen=True)
class CandidateResult:
    """What one candidate reached under each protocol.

    `difference` is to the chosen candidate, which has none.
    """

    name: str
    family: str
    seconds: float | None
    scores: dict[str, Scores]
    difference: dict[str, Difference] = field(default_factory=dict)


@dataclass(frozen=True)
class ProtocolResult:
    """How one protocol was carried out."""

    name: str
    held_out: str
    stands_for: str
    n_folds: int
    n_tracks: int
    n_purged: int
    clusters: str


AUDIT_NOTE = "Audit: "
"""How a note of the audit begins."""


@dataclass(frozen=True)
class Report(Shown):
    """The leaderboard: every candidate and baseline under every protocol.

    `by_genre`, `by_band` and `curves` describe the chosen candidate, by protocol;
    `learning` is its learning curve, where one was asked for; `fitting` says how its loss fell on
    all tracks, where it learns in passes. `quality` says by protocol how
    good its distribution is, with all inputs first.
    """

    target: dict[str, Any]
    metric: str
    protocols: tuple[ProtocolResult, ...]
    candidates: tuple[CandidateResult, ...]
    baselines: tuple[CandidateResult, ...]
    chosen: str
    rule: str
    by_genre: dict[str, tuple[GroupScore, ...]]
    by_band: dict[str, tuple[GroupScore, ...]]
    notes: tuple[str, ...]
    audited: bool
    seconds: float | None
    curves: dict[str, Curves] = field(default_factory=dict)
    learning: LearningCurve | None = None
    quality: dict[str, tuple[Quality, ...]] = field(default_factory=dict)
    fitting: FittingCurve | None = None

    @property
    def audit_said(self) -> str:
        """Say whether leaks were looked for, and whether notes tell of any."""
        if not self.audited:
            return "Not audited for leaks."
        told = sum(note.startswith(AUDIT_NOTE) for note in self.notes)
        if told:
            return f"Audited for leaks: {told} that the protocols do not hold out."
        return "Audited for leaks: none that the protocols do not hold out."

    def of(self, name: str) -> CandidateResult:
        """Return the result of one candidate or baseline."""
        return next(r for r in (*self.candidates, *self.baselines) if r.name == name)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return asdict(self)

    def timeless(self) -> dict[str, Any]:
        """Return the report as plain data without wall times, as an oracle keeps it."""
        facts = self.to_dict()
        facts["seconds"] = None
        for result in (*facts["candidates"], *facts["baselines"]):
            result["seconds"] = None
        return facts


def report_from_dict(facts: dict[str, Any]) -> Report:
    """Rebuild a report from its plain data; older ones have less in them."""
    results = {
        kind: tuple(
            CandidateResult(
                r["name"],
                r["family"],
                r["seconds"],
                {p: _scores(s) for p, s in r["scores"].items()},
                {p: _difference(d) for p, d in r.get("difference", {}).items()},
            )
            for r in facts[kind]
        )
        for kind in ("candidates", "baselines")
    }
    groups = {
        kind: {
            protocol: tuple(
                GroupScore(g["group"], g["n_tracks"], _scores(g["scores"])) for g in scored
            )
            for protocol, scored in facts[kind].items()
        }
        for kind in ("by_genre", "by_band")
    }
    protocols = tuple(ProtocolResult(**p) for p in facts["protocols"])
    notes = tuple(facts["notes"])
    learning, fitting = facts.get("learning"), facts.get("fitting")
    drawn = {
        "curves": {p: curves_from_dict(c) for p, c in facts.get("curves", {}).items()},
        "learning": None if learning is None else learning_curve_from_dict(learning),
        "fitting": None if fitting is None else fitting_curve_from_dict(fitting),
        "quality": {
            protocol: tuple(map(quality_from_dict, found))
            for protocol, found in facts.get("quality", {}).items()
        },
    }
    lists = {"protocols": protocols, "notes": notes}
    return Report(**{**facts, **results, **groups, **drawn, **lists})


def _scores(facts: dict[str, Any]) -> Scores:
    return {name: estimate_from_dict(estimate) for name, estimate in facts.items()}


def _difference(facts: dict[str, Any]) -> Difference:
    value, low, high, p = (facts[name] for name in ("value", "low", "high", "p"))
    return Difference(
        float(value),
        float(low),
        float(high),
        None if p is None else float(p),
        bool(facts["beyond_chance"]),
    )
