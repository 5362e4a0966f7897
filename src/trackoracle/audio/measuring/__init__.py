"""Sound -> what follows from it by signal processing alone: loudness, tempo, key, bar."""
