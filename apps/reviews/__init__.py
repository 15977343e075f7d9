"""Decides cycles and phases, participants, self and manager reviews, ratings, goals, release, dispute.

It does not decide what colleagues may say about each other, nor how a committee moves a rating.
It builds on `people`, `ladders` and `core`.
"""
