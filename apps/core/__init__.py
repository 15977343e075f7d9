"""Decides how things are done: asking who may, moving along a state table, recording, queueing, rendering safely.

It does not decide anything about people, ladders or reviews; no HR noun is known here.
It builds on Django alone, and every other app builds on it.
"""
