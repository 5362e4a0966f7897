"""Tags of every container, as programs write them and as they should not."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.audio.sounds import FORMATS, chord, encode

from trackoracle.audio.decoding.genre_numbers import GENRES
from trackoracle.audio.decoding.tags import Tags, read_tags, repaired
from trackoracle.errors import RecordingError, SourceNotFoundError

SOUND = chord(0.5)
WRITTEN = {
    "title": "Äther",
    "artist": "Ann;Bob",
    "album": "Blue",
    "date": "1999-02-03",
    "genre": "Rock",
    "ISRC": "USRC17607839",
}
FULL = Tags("Äther", ("Ann", "Bob"), "Blue", 1999, ("Rock",), "USRC17607839")


def synchsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3(frames: list[tuple[str, bytes]], version: int = 4, flags: int = 0) -> bytes:
    body = b""
    for name, content in frames:
        if version == 2:
            body += name.encode() + len(content).to_bytes(3, "big") + content
            continue
        size = synchsafe(len(content)) if version == 4 else struct.pack(">I", len(content))
        body += name.encode() + size + b"\0\0" + content
    return b"ID3" + bytes([version, 0, flags]) + synchsafe(len(body)) + body


def text(value: str, encoding: str = "utf-8") -> bytes:
    codes = {"latin-1": 0, "utf-16": 1, "utf-16-be": 2, "utf-8": 3}
    return bytes([codes[encoding]]) + value.encode(encoding)


@pytest.fixture(scope="module")
def mp3(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return FORMATS["mp3"](tmp_path_factory.mktemp("mp3"), SOUND, 22_050).read_bytes()


def tagged(path: Path, content: bytes) -> Tags:
    path.write_bytes(content)
    return read_tags(path)


@pytest.mark.parametrize(
    ("ending", "codec", "has_isrc"),
    [
        ("mp3", "libmp3lame", True),
        ("m4a", "aac", False),  # FFmpeg writes no ISRC into MP4
        ("flac", "flac", True),
        ("opus", "libopus", True),
        ("mka", "aac", True),
        ("wav", "pcm_s16le", True),
        ("wma", "wmav2", True),
    ],
)
def test_every_container(ending: str, codec: str, has_isrc: bool, tmp_path: Path) -> None:
    path = encode(tmp_path / f"a.{ending}", chord(0.5, 48_000), 48_000, codec, tags=WRITTEN)
    expected = FULL if has_isrc else Tags(*list(FULL.to_dict().values())[:5], None)
    assert read_tags(path).to_dict() == expected.to_dict()


def test_soundfile_wrote_them(tmp_path: Path) -> None:
    path = tmp_path / "a.aiff"
    with soundfile.SoundFile(path, "w", 22_050, 2) as file:
        file.title, file.artist = "Title", "Ann"
        file.write(SOUND)
    assert read_tags(path) == Tags("Title", ("Ann",))


def test_several_values_of_version_4(mp3: bytes, tmp_path: Path) -> None:
    """FFmpeg hands on the first value only."""
    frames = [
        ("TPE1", text("Ann\0AC/DC\0Ann")),
        ("TIT2", text("A title", "utf-16")),
        ("TCON", text("17\0Skiffle\0(80)")),
        ("TDRC", text("2008-03-01")),
        ("TSRC", text("us-rc1-76-07839")),
    ]
    found = tagged(tmp_path / "a.mp3", id3(frames) + mp3)
    genres = ("Rock", "Skiffle", "Folk")
    assert found == Tags("A title", ("Ann", "AC/DC"), None, 2008, genres, "USRC17607839")
    more = [*frames, ("TXXX", text("ARTISTS\0Ann\0Bob & Co"))]
    assert tagged(tmp_path / "a.mp3", id3(more) + mp3).artists == ("Ann", "Bob & Co")


@pytest.mark.parametrize(
    ("written", "artists"),
    [
        ("AC/DC", ("AC/DC",)),
        ("Love/Hate", ("Love/Hate",)),
        ("Miles Davis/John Coltrane", ("Miles Davis", "John Coltrane")),
        ("AC/DC/Iron Maiden", ("AC/DC/Iron Maiden",)),
        ("Ann / Bob", ("Ann", "Bob")),
        ("Simon &amp; Garfunkel", ("Simon & Garfunkel",)),
        ("Earth, Wind & Fire", ("Earth, Wind & Fire",)),
        ("Unknown Artist", ()),
        (" ; ;", ()),
    ],
)
def test_artists_of_version_3(
    written: str, artists: tuple[str, ...], mp3: bytes, tmp_path: Path
) -> None:
    tag = id3([("TPE1", text(written, "utf-16")), ("TYER", text("1987", "latin-1"))], 3)
    assert tagged(tmp_path / "a.mp3", tag + mp3) == Tags(artists=artists, year=1987)


def test_version_2_and_1(mp3: bytes, tmp_path: Path) -> None:
    tag = id3([("TT2", text("T", "latin-1")), ("TP1", text("Björk", "utf-16"))], 2)
    assert tagged(tmp_path / "a.mp3", tag + mp3) == Tags("T", ("Björk",))
    fields = [b"T".ljust(30, b"\0"), "Björk".encode("latin-1").ljust(30), b"Post".ljust(30)]
    end = b"TAG" + b"".join(fields) + b"1995" + bytes(30) + bytes([13])
    found = tagged(tmp_path / "b.mp3", mp3 + end)
    assert found == Tags("T", ("Björk",), "Post", 1995, ("Pop",))


def test_unsynchronised_extended_and_flagged(mp3: bytes, tmp_path: Path) -> None:
    body = id3([("TIT2", text("ÿÿ", "latin-1"))], 3)[10:].replace(b"\xff", b"\xff\x00")
    tag = b"ID3\x03\x00\x80" + synchsafe(len(body)) + body
    assert tagged(tmp_path / "a.mp3", tag + mp3).track_name == "ÿÿ"
    extended = (6).to_bytes(4, "big") + bytes(6)
    body = extended + id3([("TIT2", text("T"))], 3)[10:]
    tag = b"ID3\x03\x00\x40" + synchsafe(len(body)) + body
    assert tagged(tmp_path / "a.mp3", tag + mp3).track_name == "T"
    frame = b"TIT2" + synchsafe(6) + b"\x00\x01" + synchsafe(2) + text("T")
    tag = b"ID3\x04\x00\x00" + synchsafe(len(frame)) + frame
    assert tagged(tmp_path / "a.mp3", tag + mp3).track_name == "T"


def test_genre_numbers_are_those_of_ffmpeg(mp3: bytes, tmp_path: Path) -> None:
    for code in (0, 17, 79, 80, 133, 191, 192, 255):
        end = b"TAG" + b"T".ljust(30, b"\0") + bytes(94) + bytes([code])
        found = tagged(tmp_path / "a.mp3", mp3 + end).genres
        assert found == GENRES[code : code + 1]
    assert len(GENRES) == 192


def flac(comments: list[bytes], folder: Path) -> bytes:
    """Put Vorbis comments behind the first block of a FLAC."""
    content = FORMATS["flac"](folder, SOUND, 22_050).read_bytes()
    block = struct.pack("<I", 0) + struct.pack("<I", len(comments))
    block += b"".join(struct.pack("<I", len(comment)) + comment for comment in comments)
    head = content[:4] + bytes([content[4] & 0x7F]) + content[5:42]
    return head + b"\x04" + len(block).to_bytes(3, "big") + block + content[42:]


def test_vorbis_comments(tmp_path: Path) -> None:
    comments = ["ARTIST=Ann", "ARTIST=AC/DC", "GENRE=Folk, World, & Country", "GENRE=17"]
    comments += ["DATE=20080301", "ISRC=nonsense", "ALBUM=Ã\x89t\xc3\x83Â©", "TITLE=x"]
    found = tagged(tmp_path / "a.flac", flac([c.encode() for c in comments], tmp_path))
    assert found.artists == ("Ann", "AC/DC")
    assert found.genres == ("Folk", "World, & Country", "Rock")
    assert (found.year, found.isrc, found.track_name) == (2008, None, "x")


@pytest.mark.parametrize(
    ("content", "artist"),
    [
        (b"\0" + "Björk".encode(), "Björk"),
        (b"\0" + "Жанна".encode(), "Жанна"),
        (b"\0" + "Жанна".encode("cp1251"), "Жанна"),
        (b"\3" + "Björk".encode("latin-1"), "Björk"),
        (b"\0" + "Sigur Rós".encode("latin-1"), "Sigur Rós"),
        (b"\1\xff\xfe" + "Björk".encode("utf-16-le"), "Björk"),
        (b"\2" + "宇多田".encode("utf-16-be"), "宇多田"),
    ],
)
def test_encodings(content: bytes, artist: str, mp3: bytes, tmp_path: Path) -> None:
    assert tagged(tmp_path / "a.mp3", id3([("TPE1", content)]) + mp3).artists == (artist,)


def test_a_text_that_is_right_stays() -> None:
    for right in ("Motörhead", "Ágætis byrjun", "Où est-il", "Ænima", "ÆÐÞ", "Ñandú", "Жанна", "Ã"):
        assert repaired(right) == right


ODD = [
    b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f",
    b"ID3\x03\x00\x40\x00\x00\x00\x7f" + b"\xff" * 20,
    b"ID3\x09\x00\x00\x00\x00\x00\x0a" + bytes(10),
    id3(
        [("TPE1", b""), ("TIT2", b"\x07abc"), ("TALB", b"\1\xff"), ("TCON", b"\3"), ("TXXX", b"\3")]
    ),
    id3([("TPE1", b"\1\xff\xfe\x00\xd8")]),
    id3([("TCON", b"\3" + b"(" * 5_000), ("TDRC", b"\3NA"), ("TIT2", b"\3\x01\x02\n")]),
    id3([("TPE1", b"\3" + b";".join([b"name %d" % n for n in range(500)]))]),
    id3([("TIT2", b"\3" + b"x" * 100_000)]),
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_tags_never_raise(odd: bytes, mp3: bytes, tmp_path: Path) -> None:
    found = tagged(tmp_path / "a.mp3", odd + mp3)
    assert len(found.track_name or "") <= 300
    assert len(found.artists) <= 20
    assert found.year is None
    for name in (*found.artists, *found.genres):
        assert name.isprintable()


def test_what_has_no_tags(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(100), 22_050)
    (tmp_path / "b.txt").write_text("no sound")
    assert read_tags(tmp_path / "a.wav") == read_tags(tmp_path / "b.txt") == Tags()
    with pytest.raises(RecordingError, match="got a folder"):
        read_tags(tmp_path)
    with pytest.raises(SourceNotFoundError):
        read_tags(tmp_path / "none.mp3")
