"""Ways to reach the facade: each parses, makes one call, and renders."""
