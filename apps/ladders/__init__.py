"""Decides what a level expects, what separates two levels, and which version of a ladder is published.

It does not decide who stands on which level, nor how anyone did.
It builds on `core`.
"""
