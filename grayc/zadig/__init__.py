"""Zadig's workflows, and what a release says of them.

Leaves to others: reading and writing files, and whether the release is right (`spec`).
"""
