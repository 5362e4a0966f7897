"""A file -> blocks of sound at any rate, mono samples at one rate, and what its tags say."""
