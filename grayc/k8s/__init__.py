"""Facts about Kubernetes, as tables, each row with its source. Imports nothing of grayc."""
