"""The pipeline: source → documents → spec → plan → passes → checks → output, one module for each question.

Every function returns `Checked`: a value, or None after errors, and all that was found on the way. Commands choose
among them; what to print is the report's.
"""
