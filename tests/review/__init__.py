"""The review of a release as its reviewers see it: comments of pull requests for releases of many services."""
