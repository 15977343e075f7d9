"""Decides who is employed, who reports to whom, on which level and with which roles, and who may sign in.

It does not decide what is asked of a person in a cycle, nor what a level expects.
It builds on `ladders` and `core`.
"""
