"""Links and ids of every kind, and those that cannot be looked up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.providers.faking import name_of

from trackoracle.errors import LinkError
from trackoracle.providers import is_link, parse_link

ID = name_of(1)


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        (f"https://open.spotify.com/track/{ID}", f"spotify:track:{ID}"),
        (f"https://open.spotify.com/track/{ID}?si=0a1b2c&utm_source=copy", f"spotify:track:{ID}"),
        (f"https://open.spotify.com/intl-de/track/{ID}?si=0a1b", f"spotify:track:{ID}"),
        (f"https://open.spotify.com/intl-pt-br/album/{ID}", f"spotify:album:{ID}"),
        (f"https://open.spotify.com/embed/track/{ID}", f"spotify:track:{ID}"),
        (f"https://open.spotify.com/user/someone/playlist/{ID}", f"spotify:playlist:{ID}"),
        (f"http://www.open.spotify.com/artist/{ID}/", f"spotify:artist:{ID}"),
        (f"open.spotify.com/track/{ID}#start", f"spotify:track:{ID}"),
        (f"HTTPS://OPEN.SPOTIFY.COM/track/{ID}", f"spotify:track:{ID}"),
        (f"spotify:track:{ID}", f"spotify:track:{ID}"),
        (f"spotify:user:someone:playlist:{ID}", f"spotify:playlist:{ID}"),
        (f"  {ID}\n", f"spotify:track:{ID}"),
    ],
)
def test_forms_that_are_handed_out(text: str, uri: str) -> None:
    assert is_link(text)
    assert parse_link(text).uri == uri


@pytest.mark.parametrize(
    ("text", "got"),
    [
        (f"https://open.spotify.com/episode/{ID}", "an episode of a podcast"),
        (f"https://open.spotify.com/embed/episode/{ID}", "an episode of a podcast"),
        (f"spotify:show:{ID}", "a podcast"),
        ("spotify:local:Artist:Album:Title:123", "a file on somebody's own device"),
        ("https://open.spotify.com/user/someone", "a listener"),
        ("https://open.spotify.com/collection/tracks", "collection"),
        ("https://spotify.link/abcdef", "a shortened one"),
        (f"https://evil.example/track/{ID}", "something else"),
        (f"https://open.spotify.com.evil.example/track/{ID}", "something else"),
        (f"https://open.spotify.com@evil.example/track/{ID}", "something else"),
        (f"https://open.spotify.com/track/{ID}/../x", "something else"),
        ("https://open.spotify.com/track/tooshort", "something else"),
        ("spotify:track:", "something else"),
        ("spotify:track:" + "é" * 22, "something else"),
        ("http://[broken", "something else"),
        ("https://open.spotify.com/", "something else"),
    ],
)
def test_what_cannot_be_looked_up_is_refused_in_a_sentence(text: str, got: str) -> None:
    assert is_link(text)
    with pytest.raises(LinkError, match=r"expected .*, got .*\. .+\.$") as caught:
        parse_link(text)
    assert got in str(caught.value)


@given(st.text())
def test_any_text_is_a_link_or_a_sentence(text: str) -> None:
    try:
        link = parse_link(text)
    except LinkError:
        return
    assert len(link.id) == 22


@pytest.mark.parametrize("text", ["tracks.csv", "sample", "-", "folder/", "0" * 21, "a b"])
def test_files_are_no_links(text: str) -> None:
    assert not is_link(text)
