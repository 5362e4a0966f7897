"""What people call the codes of columns."""

from __future__ import annotations

_NOTES = ("C", "C♯/D♭", "D", "D♯/E♭", "E", "F", "F♯/G♭", "G", "G♯/A♭", "A", "A♯/B♭", "B")
CODE_NAMES = {
    "key": {-1: "none found", **dict(enumerate(_NOTES))},
    "mode": {0: "minor", 1: "major"},
    "explicit": {0: "no", 1: "yes"},
}
"""By column and code."""
