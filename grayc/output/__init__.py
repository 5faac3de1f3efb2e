"""Documents → text → files: order, layout, emitting and the folder they go to."""
