# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exploring a catalog
#
# What is in a list of tracks, what is wrong with it, and what goes with popularity in it.
# The next notebook, *From a catalog to an honest oracle*, learns from the same list.
#
# It runs offline, on the sample that comes with TrackOracle: 6,115 made-up tracks, drawn from
# statistics of real genres. No track, artist or popularity in it is real. Name a file of yours
# below, and everything here is about that file instead.

# %%
import os
from pathlib import Path

import trackoracle as to

CATALOG = ""  # a file of yours, as "mine.csv"; empty: the 114k tracks where they are, or the sample

folder = os.environ.get("TRACKORACLE_DATA")
published = Path(folder, "tracks-114k", "dataset.csv") if folder else "sample"
catalog = to.load_catalog(CATALOG or published, on_invalid="null")

# %% [markdown]
# ## What was read
#
# The last line of a cell shows itself. A catalog shows where it came from, what was wrong in
# it, and what was done about each thing. Nothing is repaired in silence.

# %%
catalog

# %% [markdown]
# **What to see.** The file has more rows than tracks, and more tracks than recordings. A track
# that stands under three genres is three rows of one track. A recording that came out on an
# album and on a compilation is two tracks with one sound. A model that learns from one of them
# and is judged on the other has seen the answer.
#
# Look at the tracks of popularity 0, too. On streaming services most of them are not unloved:
# they are releases that another release of the same recording has replaced.

# %% [markdown]
# ## The audit comes first
#
# Before any figure: is there something in the catalog that would make a score untrue? The audit
# looks for copies, for labels that an artist settles, and for columns made from the answer. The
# models under each protocol are left for the next notebook, since they take longer.

# %%
to.audit_catalog(catalog, protocols=False)

# %% [markdown]
# **What not to conclude.** A clean audit says that these checks found nothing. It does not say
# that the catalog is a fair sample of music: that depends on who put it together, and how.

# %% [markdown]
# ## Popularity
#
# The report counts everything once; each of its sections can be looked at alone.

# %%
report = to.explore(catalog, audit=False)
report.section("popularity")

# %% [markdown]
# Any figure is there as numbers, too, for work of your own:

# %%
popularity = report.target.summary
print(f"median {popularity.median:.0f}, middle half {popularity.q1:.0f} to {popularity.q3:.0f}")
print(f"{report.target.n_zero:,} of {popularity.n:,} tracks have none at all")

# %% [markdown]
# ## One feature at a time
#
# Energy, in all tracks and in five equal parts of the tracks by popularity. If the boxes stand
# at one height, then energy tells little about popularity by itself, whatever its place in a
# list of "important features".

# %%
report.section("features", "energy")

# %% [markdown]
# ## Which features go together
#
# Rank correlations of all pairs, alike columns beside one another. Look at the row of
# popularity: in published data sets no audio feature goes beyond a weak correlation. Look at
# energy and loudness, too. They move together, so that "what if only the energy were higher"
# asks about tracks that hardly exist.

# %%
report.section("correlations")

# %% [markdown]
# ## Genres
#
# The mean of each genre has an interval that takes an artist's tracks together. Fifty tracks by
# two artists are worth two opinions, not fifty.

# %%
report.section("genres")

# %% [markdown]
# **What not to conclude.** "Genre A is more popular than genre B" is true of this list. If its
# maker took the same number of tracks of each genre, as the 114k tracks do, then the figure also
# tells how deep the search went in each of them.

# %% [markdown]
# ## Moods
#
# Valence says how bright a track sounds, energy how hard it works. Where are the tracks, and
# where are the popular ones?

# %%
report.section("moods")

# %% [markdown]
# ## What is borne out by the numbers
#
# The questions that people ask of such a list, all in one table: an effect with its size in
# words, an interval by whole artists, and a p-value that is corrected for asking so many
# questions at once. Welch's p, as it is usually published, stands beside.

# %%
report.section("tests")

# %% [markdown]
# **What to see.** Where the two p-values differ, the usual test has counted the tracks of one
# artist as if they knew nothing of one another. And with thousands of tracks nearly everything
# is "significant": read the size first.
#
# **What not to conclude.** An effect is not a cause. Explicit tracks may be more popular because
# of the genres that are explicit.

# %%
clear = [test for test in report.tests if test.p_holm < 0.05]
print(f"{len(clear)} of {len(report.tests)} questions have an answer beyond chance")

# %% [markdown]
# ## What sounds alike
#
# A track does not have to be in the catalog; some of its features are enough. The distance is
# over ten audio features, each in standard deviations of this catalog. About 1.4 is what two
# random tracks are apart.

# %%
wanted = {"energy": 0.9, "valence": 0.8, "tempo": 174.0, "acousticness": 0.02}
to.similar(catalog, wanted, k=5)

# %% [markdown]
# ## A playlist
#
# Calm tracks, the popular ones first, no recording twice, at most two by one artist, in an order
# whose steps are small.

# %%
to.make_playlist(catalog, to.PlaylistWish(mood="calm", min_popularity=30, n=10))

# %% [markdown]
# ## Where to go next
#
# - The whole report with all its figures, on one page that opens offline:
#   `trackoracle report mine.csv -o report.html`
# - The same by mouse: `trackoracle app --catalog mine.csv`
# - What each figure means, and how it was checked: [exploring](../exploring.md)
# - What a score on this catalog would be worth: *From a catalog to an honest oracle*
