"""Find leaks in catalogs and in protocols."""

from trackoracle.audit.border import audit_split
from trackoracle.audit.findings import (
    SEVERITIES,
    AuditFinding,
    AuditReport,
    Gap,
    ProtocolScore,
    Severity,
)
from trackoracle.audit.run import audit_catalog, leaderboard_notes

__all__ = [
    "SEVERITIES",
    "AuditFinding",
    "AuditReport",
    "Gap",
    "ProtocolScore",
    "Severity",
    "audit_catalog",
    "audit_split",
    "leaderboard_notes",
]
