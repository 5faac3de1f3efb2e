"""One renderer per format: what was found and done → text. Renderers decide the look, nothing else."""
