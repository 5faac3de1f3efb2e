"""Inputs with values of the wrong type and of no type at all, by the number of their seed."""
