"""Genres: broad families, membership of several, and how broad each family is."""

from __future__ import annotations

import re

# First family whose pattern is found wins, so narrower words stand above broader ones.
_FAMILIES: tuple[tuple[str, str], ...] = (
    ("metal", r"metal|grindcore|deathcore|metalcore|djent|doom|thrash"),
    ("punk", r"punk|hardcore$|^emo$|screamo|^ska$|oi$"),
    ("hip-hop", r"hip-?\s?hop|\brap\b|^trap$|trap[- ](?:latino|music)|drill|grime"),
    ("reggae and dancehall", r"reggae(?!ton)|dancehall|^dub$|rocksteady"),
    ("electronic", r"techno|house|trance|edm|electro|dubstep|drum-and-bass|breakbeat|hardstyle"
                   r"|garage$|club|idm|industrial|dance|disco|trip-hop|rave|synth|downtempo"
                   r"|jungle|big-?beat|chiptune|vaporwave"),
    ("latin", r"latin|latino|reggaeton|salsa|samba|bossa|forro|pagode|sertanejo|mpb|tango"
              r"|cumbia|bachata|merengue|spanish|brazil|mariachi|ranchera|fado"),
    ("classical", r"classical|opera|orchestr|piano|baroque|chamber|choral|symphon|composer"),
    ("jazz and blues", r"jazz|blues|swing|big band|bebop|ragtime"),
    ("soul, r&b and funk", r"r&b|r-n-b|soul|funk|gospel|motown|groove"),
    ("country and folk", r"country|folk|bluegrass|honky-tonk|americana|singer-songwriter"
                         r"|songwriter|acoustic|guitar"),
    ("rock", r"rock|grunge|psych|british$|goth"),
    ("indie and alternative", r"indie|alternative|alt-|alt$|emo|shoegaze"),
    ("pop", r"pop|idol|power-pop|boy band|party|romance|anime|happy"),
    ("calm and mood", r"ambient|chill|sleep|study|new-age|sad|meditat|rainy|lo-?fi|relax"),
    ("stage, screen and spoken", r"show-tunes|disney|comedy|soundtrack|movies|spoken|children"
                                 r"|kids|holidays|theatre"),
    ("world", r"world|afro|arab|india|iranian|turkish|malay|mandopop|cantopop|french|german"
              r"|swedish|philippines|hawaii|korean|japan|afrobeat|celtic|balkan|african|pakistan"),
)  # fmt: skip
OTHER = "other"
FAMILIES: tuple[str, ...] = (*(name for name, _ in _FAMILIES), OTHER)
"""Families of genres, the last one for what fits none."""


def family(genre: str) -> str:
    """Return the broad family of a genre.

    Examples
    --------
    >>> family("black-metal"), family("trip-hop"), family("sertanejo")
    ('metal', 'electronic', 'latin')
    """
    name = genre.strip().lower()
    for label, pattern in _FAMILIES:
        if re.search(pattern, name):
            return label
    return OTHER
