"""The genres that ID3 numbers: 0 to 79 by its first version, 80 to 191 by Winamp."""

from __future__ import annotations

import re

_NAMES = """
Blues, Classic Rock, Country, Dance, Disco, Funk, Grunge, Hip-Hop, Jazz, Metal, New Age, Oldies,
Other, Pop, R&B, Rap, Reggae, Rock, Techno, Industrial, Alternative, Ska, Death Metal, Pranks,
Soundtrack, Euro-Techno, Ambient, Trip-Hop, Vocal, Jazz+Funk, Fusion, Trance, Classical,
Instrumental, Acid, House, Game, Sound Clip, Gospel, Noise, AlternRock, Bass, Soul, Punk, Space,
Meditative, Instrumental Pop, Instrumental Rock, Ethnic, Gothic, Darkwave, Techno-Industrial,
Electronic, Pop-Folk, Eurodance, Dream, Southern Rock, Comedy, Cult, Gangsta, Top 40, Christian
Rap, Pop/Funk, Jungle, Native American, Cabaret, New Wave, Psychedelic, Rave, Showtunes,
Trailer, Lo-Fi, Tribal, Acid Punk, Acid Jazz, Polka, Retro, Musical, Rock & Roll, Hard Rock,
Folk, Folk-Rock, National Folk, Swing, Fast Fusion, Bebop, Latin, Revival, Celtic, Bluegrass,
Avantgarde, Gothic Rock, Progressive Rock, Psychedelic Rock, Symphonic Rock, Slow Rock, Big
Band, Chorus, Easy Listening, Acoustic, Humour, Speech, Chanson, Opera, Chamber Music, Sonata,
Symphony, Booty Bass, Primus, Porn Groove, Satire, Slow Jam, Club, Tango, Samba, Folklore,
Ballad, Power Ballad, Rhythmic Soul, Freestyle, Duet, Punk Rock, Drum Solo, A Cappella, Euro-
House, Dance Hall, Goa, Drum & Bass, Club-House, Hardcore Techno, Terror, Indie, BritPop,
Negerpunk, Polsk Punk, Beat, Christian Gangsta Rap, Heavy Metal, Black Metal, Crossover,
Contemporary Christian, Christian Rock, Merengue, Salsa, Thrash Metal, Anime, Jpop, Synthpop,
Abstract, Art Rock, Baroque, Bhangra, Big Beat, Breakbeat, Chillout, Downtempo, Dub, EBM,
Eclectic, Electro, Electroclash, Emo, Experimental, Garage, Global, IDM, Illbient, Industro-
Goth, Jam Band, Krautrock, Leftfield, Lounge, Math Rock, New Romantic, Nu-Breakz, Post-Punk,
Post-Rock, Psytrance, Shoegaze, Space Rock, Trop Rock, World Music, Neoclassical, Audiobook,
Audio Theatre, Neue Deutsche Welle, Podcast, Indie Rock, G-Funk, Dubstep, Garage Rock, Psybient
"""
GENRES = tuple(" ".join(name.split()) for name in _NAMES.split(","))
_NUMBERED = re.compile(r"\((\d{1,3}|RX|CR)\)")
_LETTERED = {"RX": "Remix", "CR": "Cover"}


def named_genres(text: str) -> tuple[str, ...]:
    """Return genre names for "17", "(17)", "(17)(80)" or "(17)Rock and roll"; others as they are.

    Examples
    --------
    >>> named_genres("(17)(80)Skiffle"), named_genres("17"), named_genres("(999)")
    (('Rock', 'Folk', 'Skiffle'), ('Rock',), ())
    >>> named_genres("80s")
    ('80s',)
    """
    text = text.strip()
    if text.isdecimal() and len(text) <= 3:
        return _numbered(text)
    found: list[str] = []
    while match := _NUMBERED.match(text):
        found.extend(_numbered(match[1]))
        text = text[match.end() :].strip()
    rest = text.replace("((", "(", 1) if text.startswith("((") else text
    return tuple(dict.fromkeys([*found, *filter(None, [rest])]))


def _numbered(code: str) -> tuple[str, ...]:
    if code in _LETTERED:
        return (_LETTERED[code],)
    return GENRES[int(code) : int(code) + 1]
