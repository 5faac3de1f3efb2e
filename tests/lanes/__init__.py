"""Lanes that live side by side, built together and one after the other."""
