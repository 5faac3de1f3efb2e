"""The lane as a picture: one renderer a file."""
