"""Text in UTF-8, whatever encoding it came in, or a sentence that says why not."""

from __future__ import annotations

import codecs
from pathlib import Path

from trackoracle.errors import SourceError

_SIGNATURES = {
    b"PAR1": "a Parquet file. Name it .parquet.",
    b"ARROW1": "an Arrow file. Name it .arrow.",
    b"\x1f\x8b": "a gzip file. Name it .gz.",
    b"\x28\xb5\x2f\xfd": "a Zstandard file. Name it .zst.",
    b"%PDF-": "a PDF file. Export the table that it shows as CSV.",
    b"PK\x03\x04": "a zip or spreadsheet file. Name it .zip, or export it as CSV.",
}


def text_of(path: Path, content: bytes, encoding: str) -> bytes:
    """Return the text of a file as UTF-8 without a byte-order mark.

    Raises
    ------
    SourceError
        When it is of another format, of another encoding, or binary.
    """
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            raise SourceError(f"{path}: expected text, got {kind}", path=str(path))
    content = _as_utf8(path, content, encoding)
    nul = content.find(b"\0")
    if nul >= 0:
        line = content.count(b"\n", 0, nul) + 1
        raise SourceError(
            f"{path}: expected text, got a NUL byte (line {line}, byte {nul + 1}). "
            "The file is binary, damaged or UTF-16; for the last, use --encoding utf-16.",
            path=str(path),
            line=line,
        )
    return content


def _as_utf8(path: Path, content: bytes, encoding: str) -> bytes:
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        content = content.removeprefix(codecs.BOM_UTF8)
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = "utf-16"
        elif content.isascii():
            return content
    try:
        text = content.decode(encoding)
    except LookupError as error:
        raise SourceError(
            f"encoding: expected a known encoding, got {encoding!r}. Try utf-8 or latin-1."
        ) from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        advice = "If it was saved by a spreadsheet, use --encoding latin-1."
        if encoding.lower().startswith("utf-16"):
            advice = "The file is cut off, or in another encoding."
        byte = f"0x{content[error.start]:02x}"
        raise SourceError(
            f"{path}: expected {encoding} text, got byte {byte} (line {line}). {advice}",
            path=str(path),
            line=line,
        ) from error
    return content if encoding in ("utf-8", "utf8") else text.encode()
