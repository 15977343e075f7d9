"""Decides sessions, committees, agendas, pre-votes and decisions with their reasons, and the statistics beside them.

It does not decide the first rating, and it never adjusts one by itself.
It builds on `feedback`, `reviews`, `people` and `core`.
"""
