"""How people call what JSON holds."""

from __future__ import annotations

_KINDS = (
    (type(None), "null"),
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "a text"),
)


def json_kind(value: object) -> str:
    """Return the kind of a parsed JSON value, as a message names it.

    Examples
    --------
    >>> json_kind({}), json_kind([1]), json_kind([]), json_kind(True), json_kind(1.5)
    ('an object', 'a list', 'an empty list', 'true or false', 'a number')
    """
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "an object")
