"""The track columns, the targets, and the types that rooms share."""

from trackoracle.schema.audits import (
    SEVERITIES,
    AuditFinding,
    AuditReport,
    Gap,
    ProtocolScore,
    Severity,
)
from trackoracle.schema.catalog import Card, Catalog, Finding, Keys
from trackoracle.schema.columns import (
    AUDIO_VECTOR,
    INPUT_GROUPS,
    TARGET_COLUMNS,
    TRACK_COLUMNS,
    Column,
    InputGroup,
    Role,
    published_name,
)
from trackoracle.schema.contract import (
    CheckedTracks,
    Contract,
    ContractColumn,
    check_tracks,
    fit_contract,
)
from trackoracle.schema.curves import (
    CalibrationBin,
    CalibrationCurve,
    Confusion,
    Curves,
    LearningCurve,
    LearningPoint,
    PrecisionRecallCurve,
    RocCurve,
)
from trackoracle.schema.estimates import Difference, Estimate, Scores
from trackoracle.schema.frames import Rows, as_polars
from trackoracle.schema.identity import MARKS, album_keys, artist_keys, recording_marks
from trackoracle.schema.names import (
    CREDIT_SEPARATOR,
    distinct_texts,
    name_hashes,
    normal,
    normal_credits,
    normal_title,
)
from trackoracle.schema.quality import GroupCoverage, HitQuality, IntervalQuality, Quality
from trackoracle.schema.ragged import Ragged
from trackoracle.schema.results import (
    AUDIT_NOTE,
    CandidateResult,
    GroupScore,
    ProtocolResult,
    Report,
    report_from_dict,
)
from trackoracle.schema.targets import Hit, Popularity, Target, Task, Tier, target_from_dict
from trackoracle.schema.values import TypedColumn, typed

__all__ = [
    "AUDIO_VECTOR",
    "AUDIT_NOTE",
    "CREDIT_SEPARATOR",
    "INPUT_GROUPS",
    "MARKS",
    "SEVERITIES",
    "TARGET_COLUMNS",
    "TRACK_COLUMNS",
    "AuditFinding",
    "AuditReport",
    "CalibrationBin",
    "CalibrationCurve",
    "CandidateResult",
    "Card",
    "Catalog",
    "CheckedTracks",
    "Column",
    "Confusion",
    "Contract",
    "ContractColumn",
    "Curves",
    "Difference",
    "Estimate",
    "Finding",
    "Gap",
    "GroupCoverage",
    "GroupScore",
    "Hit",
    "HitQuality",
    "InputGroup",
    "IntervalQuality",
    "Keys",
    "LearningCurve",
    "LearningPoint",
    "Popularity",
    "PrecisionRecallCurve",
    "ProtocolResult",
    "ProtocolScore",
    "Quality",
    "Ragged",
    "Report",
    "RocCurve",
    "Role",
    "Rows",
    "Scores",
    "Severity",
    "Target",
    "Task",
    "Tier",
    "TypedColumn",
    "album_keys",
    "artist_keys",
    "as_polars",
    "check_tracks",
    "distinct_texts",
    "fit_contract",
    "name_hashes",
    "normal",
    "normal_credits",
    "normal_title",
    "published_name",
    "recording_marks",
    "report_from_dict",
    "target_from_dict",
    "typed",
]
