"""Decides which figures, packets and files leave the house, and under which suppression.

It does not decide any state: it writes nothing but finished files.
It builds on every app below it.
"""
