"""The whole life of a release against a real API server: `make e2e`, or `python -m tests.e2e --help`."""
