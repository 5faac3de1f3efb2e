"""Whether objects are what Kubernetes takes: the schemas, and two ways to ask them.

Leaves to others: everything a schema cannot know, which `checks` look at.
"""
