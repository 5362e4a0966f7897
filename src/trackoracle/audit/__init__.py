"""Find leaks in catalogs and in protocols."""

from trackoracle.audit.border import audit_split
from trackoracle.audit.run import audit_catalog, leaderboard_notes

__all__ = ["audit_catalog", "audit_split", "leaderboard_notes"]
