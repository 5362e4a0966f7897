"""What a link or id names: the forms that Spotify hands out, and those that cannot be looked up."""

from __future__ import annotations

import re
from typing import cast, get_args
from urllib.parse import urlsplit

from trackoracle.errors import LinkError
from trackoracle.schema import LinkKind, ServiceLink

_KINDS = get_args(LinkKind)
_ID = re.compile(r"[0-9A-Za-z]{22}", re.ASCII)
_HOSTS = ("open.spotify.com", "play.spotify.com")
_SHORT_HOSTS = ("spotify.link", "spotify.app.link", "spoti.fi")
_BEFORE = re.compile(r"^(?:intl-[a-z]{2,8}(?:-[a-z]{2,4})?|embed|user/[^/]+)/", re.IGNORECASE)
_WEB = re.compile(r"(?:https?://|(?:open|play)\.spotify\.com/)", re.IGNORECASE)
_FORMS = "https://open.spotify.com/track/ID, spotify:track:ID or the 22-character id"
_REFUSED = {
    "episode": "an episode of a podcast, which is no track",
    "show": "a podcast, which has no tracks",
    "audiobook": "an audiobook, which has no tracks",
    "local": "a file on somebody's own device, which no service knows",
    "user": "a listener, who is no track",
    "collection": "a listener's own collection, which only they can read",
}


def is_link(text: str) -> bool:
    """Tell whether a text means to be a link or id, whether or not it is a good one.

    Examples
    --------
    >>> is_link("spotify:episode:1"), is_link("0" * 22), is_link("tracks.csv")
    (True, True, False)
    """
    text = text.strip()
    return bool(_WEB.match(text) or _ID.fullmatch(text) or text.lower().startswith("spotify:"))


def parse_link(text: str) -> ServiceLink:
    """Return what a link or id names.

    Raises
    ------
    LinkError
        When it names nothing, or something without tracks.

    Examples
    --------
    >>> parse_link("https://open.spotify.com/intl-de/track/" + "0" * 22 + "?si=1a2b").uri
    'spotify:track:0000000000000000000000'
    """
    text = text.strip()
    if _ID.fullmatch(text):
        return ServiceLink("track", text, stated=False)
    parts = text.split(":")[1:] if text.lower().startswith("spotify:") else _path_of(text)
    parts = parts[2:] if len(parts) > 2 and parts[0].lower() == "user" else parts
    kind = parts[0].lower() if parts else ""
    if kind in _REFUSED:
        raise LinkError(
            f"{_short(text)}: expected a track, album, artist or playlist, got {_REFUSED[kind]}. "
            "Give the link of a track.",
            link=text,
        )
    if len(parts) != 2 or kind not in _KINDS or not _ID.fullmatch(parts[1]):
        raise LinkError(
            f"{_short(text)}: expected {_FORMS} (also of an album, artist or playlist), got "
            "something else. Copy the link anew.",
            link=text,
        )
    return ServiceLink(cast("LinkKind", kind), parts[1])


def _path_of(text: str) -> list[str]:
    """Return the path of a web address of Spotify, without what may stand before the kind."""
    try:
        address = urlsplit(text if "://" in text else f"https://{text}")
        host = (address.hostname or "").removeprefix("www.")
    except ValueError:
        return []
    if host in _SHORT_HOSTS:
        raise LinkError(
            f"{_short(text)}: expected the whole link, got a shortened one, which only Spotify can "
            "resolve. Open it in a browser, and copy the address there.",
            link=text,
        )
    if host not in _HOSTS:
        return []
    path = address.path.strip("/")
    while _BEFORE.match(path):
        path = _BEFORE.sub("", path)
    return path.split("/")


def _short(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else "?" for sign in text)
    return shown if len(shown) <= 100 else f"{shown[:97]}..."
