"""Decides what is asked of each person right now, and which notice, reminder or digest is sent about it, once.

It does not decide whether a duty exists: that follows from the states below, read by one query.
It builds on `calibration`, `feedback`, `reviews`, `people` and `core`.
"""
