"""The release language: its schema, and a checked release.yaml as `ReleaseSpec`."""
