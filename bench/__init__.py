"""Measurements, run by hand and in CI."""
