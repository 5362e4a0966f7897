"""Descriptors -> audio features that people hear, each with its error."""
