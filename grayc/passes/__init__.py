"""What is done to the gray copies, one task a module, in the order of `registry`.

A pass is pure: it takes documents and the plan and returns new documents; the ones it was given stay as they are.
"""
