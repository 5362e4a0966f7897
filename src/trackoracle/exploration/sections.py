"""One section of a catalog report, to look at alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from trackoracle.errors import UnknownNameError
from trackoracle.schema import Shown

if TYPE_CHECKING:
    from trackoracle.exploration.results import CatalogReport

SECTIONS = (
    "popularity", "moods", "features", "key, mode and beat", "correlations", "genres",
    "one genre", "duration and tempo", "artists and tracks", "time", "tests",
)  # fmt: skip
"""In the order in which a page shows them."""
_OF_WHAT = {"features": "feature", "one genre": "genre"}


@dataclass(frozen=True)
class CatalogSection(Shown):
    """A section of a report: in a notebook its sentences, figures and tables.

    Parameters
    ----------
    report
        What it is of.
    name
        One of `SECTIONS`.
    of
        The feature or the genre, where it is of one at a time; else "".
    """

    report: CatalogReport
    name: str
    of: str = ""

    def __repr__(self) -> str:
        told = f", {self.of!r}" if self.of else ""
        return f"CatalogSection({self.name!r}{told}, of {self.report.card.name!r})"

    def to_dict(self) -> dict[str, Any]:
        """Return the section's name and the report's numbers, as plain data."""
        return {"name": self.name, "of": self.of, "report": asdict(self.report)}


def section_of(report: CatalogReport, name: str, of: str) -> CatalogSection:
    """Return a section once its name, and what it is of, are known to the report."""
    told = name.strip().lower()
    if told not in SECTIONS:
        raise UnknownNameError("section", name, SECTIONS)
    known = {
        "features": [feature.column for feature in report.features],
        "one genre": [genre.name for genre in report.genres.genres] if report.genres else [],
    }.get(told)
    if known is None:
        return CatalogSection(report, told)
    if of not in known:
        raise UnknownNameError(_OF_WHAT[told], of, known)
    return CatalogSection(report, told, of)
