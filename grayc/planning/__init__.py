"""Make a plan: claims → decisions → entries → plan."""
