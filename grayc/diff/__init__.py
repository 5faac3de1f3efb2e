"""What differs between two sets of objects, by meaning, with the riskiest first and no secret shown.

Leaves to others: where the objects come from (`driver`), and how a difference looks (`report`).
"""
