"""Prepare production for gray releases: what has to change in its files, and the steps that bring it into a cluster."""
