"""Sound -> descriptors, as the recipes of published label files compute them, and a timeline."""
