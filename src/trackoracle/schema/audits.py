"""What an audit returns: findings, the gap between protocols, and what could not be checked."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from trackoracle.schema.estimates import Scores
from trackoracle.schema.showing import Shown

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class AuditFinding:
    """One thing that makes a score of a model trained on this catalog untrue, or may.

    Parameters
    ----------
    code
        Short stable name, for scripts.
    severity
        "error": a usual split of these rows gives a score that does not hold elsewhere;
        "warning": it may, or only a little; "note": worth knowing.
    what
        The sentence that says it.
    evidence
        The measured facts behind it.
    n
        How many rows, ids or columns.
    examples
        Up to three places or values.
    fix
        What to do.
    """

    code: str
    severity: Severity
    what: str
    evidence: str
    n: int
    examples: tuple[str, ...]
    fix: str


@dataclass(frozen=True)
class ProtocolScore:
    """What the quick model reached under one protocol.

    Parameters
    ----------
    protocol, stands_for
        How rows were held out, and which question that answers.
    scores, baseline
        Of the quick model, and of the best naive baseline.
    n_tracks
        Rows judged.
    """

    protocol: str
    stands_for: str
    scores: Scores
    baseline: Scores
    n_tracks: int


@dataclass(frozen=True)
class Gap:
    """The same model under each protocol.

    Parameters
    ----------
    metric
        The metric to compare by: "r2" or "roc_auc".
    model
        What was fitted.
    n_tracks, n_all
        Rows it was fitted and judged on, of all labelled rows.
    protocols
        From the easiest to the hardest.
    """

    metric: str
    model: str
    n_tracks: int
    n_all: int
    protocols: tuple[ProtocolScore, ...]

    def of(self, protocol: str) -> ProtocolScore | None:
        """Return the scores under one protocol, if it was run."""
        return next((p for p in self.protocols if p.protocol == protocol), None)


@dataclass(frozen=True)
class AuditReport(Shown):
    """The result of an audit.

    Parameters
    ----------
    name
        Of what was audited.
    target
        Name of the target, None where none was found.
    n_rows
        Rows audited.
    findings
        Errors first, then warnings, then notes.
    unchecked
        A sentence for each thing that could not be checked, and why.
    gap
        The same model under each protocol; None where it was not run.
    seconds
        Wall time.
    """

    name: str
    target: str | None
    n_rows: int
    findings: tuple[AuditFinding, ...]
    unchecked: tuple[str, ...]
    gap: Gap | None = None
    synthetic: bool = False
    seconds: float = field(default=0.0, compare=False)

    def count(self, severity: Severity) -> int:
        """Return the number of findings of one severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return asdict(self)
