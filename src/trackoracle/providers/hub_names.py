"""How an oracle is named on a hub: OWNER/NAME, and after an @ which of its revisions."""

from __future__ import annotations

import re

from trackoracle.errors import HubError
from trackoracle.schema import HubName

COMMIT = re.compile(r"[0-9a-f]{40}")
_PREFIX = "hub:"
_MOST_LETTERS = 96
_PART = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?", re.ASCII)
_REVISION = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._/-]{0,98}[A-Za-z0-9_])?", re.ASCII)


def is_hub_name(text: str) -> bool:
    """Tell whether a text means to be the name of an oracle on a hub.

    Examples
    --------
    >>> is_hub_name("hub:someone/charts@main"), is_hub_name("x.oracle")
    (True, False)
    """
    return text.lower().startswith(_PREFIX)


def parse_hub_name(text: str) -> HubName:
    """Read OWNER/NAME[@REVISION], also with "hub:" before it.

    Raises
    ------
    HubError
        When it is none.

    Examples
    --------
    >>> str(parse_hub_name("hub:someone/charts@v1"))
    'someone/charts@v1'
    """
    plain = text.strip()
    plain = plain[len(_PREFIX) :] if is_hub_name(plain) else plain
    repo, at, revision = plain.partition("@")
    owner, _, name = repo.partition("/")
    odd = "--" in repo or ".." in plain or name.endswith(".git") or len(repo) > _MOST_LETTERS
    good = _PART.fullmatch(owner) and _PART.fullmatch(name) and not odd
    if not good or (at and not _REVISION.fullmatch(revision)):
        shown = "".join(sign if sign.isprintable() else "?" for sign in text)[:100]
        raise HubError(
            f"{shown}: expected OWNER/NAME or OWNER/NAME@REVISION, got something else. Copy the "
            "name from the page of the repository.",
            name=text,
        )
    return HubName(owner, name, revision or None)


def is_pinned(named: HubName) -> bool:
    """Tell whether a name means one commit for ever."""
    return COMMIT.fullmatch(named.revision or "") is not None
