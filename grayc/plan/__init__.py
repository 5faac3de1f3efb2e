"""What a release does to each object of production, and why."""
