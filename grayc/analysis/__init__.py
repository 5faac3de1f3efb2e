"""Questions about objects and plans that several stages ask: who names whom, who selects whom, what leads where."""
