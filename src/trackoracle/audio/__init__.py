"""A recording -> audio features, measured and estimated, with an error for each."""
