"""Fit key profiles to songs whose key Spotify tells, and judge them on songs held out.

The profile of a mode is twelve weights of standardised pitch classes above the tonic, of the
whole piece, its bass, beginning and end; the chance of a key follows from their weighted sum as
in a logistic regression that is the same in all twelve keys. Songs have the whole alone;
generated pieces, played whole and cut at random, have all four. Two minutes of one core:
`python -m benchmarks.key_profiles` prints the table and the constants of
`trackoracle/audio/tonality.py`.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import minimize

from benchmarks.playing import PATTERNS, TIMBRES, Piece, play, whole_loops
from trackoracle.audio.measuring.pitches import PitchMeter
from trackoracle.audio.measuring.tonality import key_chances, turned
from trackoracle.settings import Settings

KRUMHANSL = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)
TEMPERLEY = (
    (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
    (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
)
"""Of major and minor, by step above the tonic (Krumhansl and Kessler 1982, Temperley 2007)."""
FILES = {
    "spotify_chroma12_mfcc20.csv": [f"chroma_{note:02d}" for note in range(1, 13)],
    "spotify_means36.csv": ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"],
}
N_FOLDS = 5
N_PIECES = 480
_SMOOTHING = np.array([1e-3, 1e-2, 1e-2, 1e-2])[:, None]
"""Ridge of the whole, and of the parts that only generated pieces tell."""
_PIECES_WEIGHT = 0.5
"""Of all pieces together; all songs together have 1."""
_LEVELS = (0.0, 0.3, 0.4, 0.5, 0.6, 1.01)


def labelled(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return (n, 12) mean chroma from C on, (n,) 2 * key + (0 major, 1 minor), and artists."""
    table = pl.read_csv(folder / "audio-pairs" / name, infer_schema_length=None)
    table = table.filter(pl.col("key").is_not_null() & pl.col("mode").is_not_null())
    key, mode = (table[column].to_numpy().astype(int) for column in ("key", "mode"))
    artist = "artist" if "artist" in table.columns else "artist_name"
    return (
        table.select(FILES[name]).to_numpy(),
        2 * key + (1 - mode),
        table[artist].fill_null("").to_list(),
    )


def generated(n_pieces: int = N_PIECES) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (2n, 4, 12) pitch classes of whole pieces, then of cuts, labels, piece numbers."""
    random = np.random.default_rng(9)
    whole, cut, labels = [], [], []
    for number in range(n_pieces):
        piece = Piece(
            bpm=float(random.uniform(60, 200)),
            key=number % 24 // 2,
            mode=number % 2,
            beats=int(random.choice([3, 4, 4])),
            pattern=PATTERNS[1 + random.integers(6)],
            timbre=list(TIMBRES)[random.integers(5)],
            noise=float(random.choice([0, 0.003, 0.01])),
            cents=float(random.uniform(-35, 35)),
            seed=2000 + number,
        )
        sound = play(piece, whole_loops(piece, 10.0))
        start, end = random.uniform(0, 0.4), random.uniform(0.8, 1)
        whole.append(_parts(sound))
        cut.append(_parts(sound[int(start * len(sound)) : int(end * len(sound))]))
        labels.append(2 * piece.key + 1 - piece.mode)
    return np.array(whole + cut), np.array(labels * 2), np.tile(np.arange(n_pieces), 2)


def _parts(sound: np.ndarray) -> np.ndarray:
    meter = PitchMeter()
    meter.add(sound)
    return meter.parts()


def fit(parts: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return (2, 4, 12) profiles and (2,) log odds of the modes, major first."""
    views = turned(parts)
    rows = np.arange(len(labels))

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        profiles, odds = parameters[:96].reshape(2, 4, 12), parameters[96:]
        logits = (np.einsum("nkpd,mpd->nkm", views, profiles) + odds).reshape(len(labels), 24)
        logits -= logits.max(1, keepdims=True)
        chances = np.exp(logits)
        chances /= chances.sum(1, keepdims=True)
        wrong = chances.copy()
        wrong[rows, labels] -= 1
        wrong = (wrong * weights[:, None]).reshape(-1, 12, 2)
        slope = np.einsum("nkm,nkpd->mpd", wrong, views) + 2 * _SMOOTHING * profiles
        value = -weights @ np.log(chances[rows, labels]) + (_SMOOTHING * profiles**2).sum()
        return float(value), np.concatenate([slope.ravel(), wrong.sum((0, 1))])

    best = minimize(loss, np.zeros(98), jac=True, method="L-BFGS-B").x
    return best[:96].reshape(2, 4, 12), best[96:]


def mirex(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Return (n,) 1 for the key, .5 a fifth off, .3 for the relative, .2 for the parallel key."""
    apart, same = (found // 2 - true // 2) % 12, found % 2 == true % 2
    relative = ~same & (apart == np.where(true % 2 == 0, 9, 3))
    return np.select(
        [same & (apart == 0), same & np.isin(apart, (5, 7)), relative, ~same & (apart == 0)],
        [1.0, 0.5, 0.3, 0.2],
    )


def by_correlation(classes: np.ndarray, profiles: object) -> np.ndarray:
    """Return the key whose profile correlates best, as is usual."""
    centred = classes - classes.mean(1, keepdims=True)
    shapes = np.asarray(profiles) - np.mean(profiles, axis=1, keepdims=True)
    shapes = shapes / np.linalg.norm(shapes, axis=1, keepdims=True)
    turned = np.stack([np.roll(shapes, key, axis=1) for key in range(12)]).reshape(24, 12)
    return (centred @ turned.T).argmax(1)


def main() -> None:
    """Print who finds the key how often, how sure, and the constants."""
    folder = Settings.from_environment().data_folder or Path("../shared/data")
    songs = [labelled(folder, name) for name in FILES]
    classes = np.concatenate([part[0] for part in songs])
    labels = np.concatenate([part[1] for part in songs])
    files = np.repeat(list(FILES), [len(part[1]) for part in songs])
    pieces, piece_labels, numbers = generated()
    n_songs = len(labels)
    parts = np.concatenate([np.pad(classes[:, None], ((0, 0), (0, 3), (0, 0))), pieces])
    labels = np.concatenate([labels, piece_labels])
    _, artists = np.unique([name for part in songs for name in part[2]], return_inverse=True)
    random = np.random.default_rng(0)
    folds = [random.integers(N_FOLDS, size=of.max() + 1)[of] for of in (artists, numbers)]
    fold = np.concatenate(folds)
    weights = np.where(
        np.arange(len(labels)) < n_songs, 1.0, _PIECES_WEIGHT * n_songs / len(pieces)
    )
    chances = np.zeros((len(labels), 24))
    for held in range(N_FOLDS):
        learned = fold != held
        model = fit(parts[learned], labels[learned], weights[learned] / (learned[:n_songs].sum()))
        chances[fold == held] = key_chances(parts[fold == held], *model)
    _tell_songs(classes, labels[:n_songs], files, chances[:n_songs])
    found = chances[n_songs:].argmax(1) == piece_labels
    print(
        f"pieces held out: whole {found[:N_PIECES].mean():.3f}, cut {found[N_PIECES:].mean():.3f}"
    )
    profiles, odds = fit(parts, labels, weights / n_songs)
    print(np.round(profiles, 2).tolist(), np.round(odds - odds.mean(), 2).tolist())


def _tell_songs(
    classes: np.ndarray, labels: np.ndarray, files: np.ndarray, chances: np.ndarray
) -> None:
    rivals = {
        "Krumhansl": by_correlation(classes, KRUMHANSL),
        "Temperley": by_correlation(classes, TEMPERLEY),
        "fitted, artists held out": chances.argmax(1),
    }
    for name in FILES:
        of_file = files == name
        for rival, found in rivals.items():
            exact = np.mean(found[of_file] == labels[of_file])
            weighted = mirex(found[of_file], labels[of_file]).mean()
            print(f"{name:30s} {rival:26s} exact {exact:.3f}  MIREX {weighted:.3f}")
    best, right = chances.max(1), chances.argmax(1) == labels
    for low, high in pairwise(_LEVELS):
        here = (best >= low) & (best < high)
        print(f"confidence {best[here].mean():.2f}: right {right[here].mean():.2f} of {here.sum()}")


if __name__ == "__main__":
    main()
