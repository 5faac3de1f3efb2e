"""A first spec for a baseline: which services there are, and the text of the file."""
