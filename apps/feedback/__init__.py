"""Decides who is asked for feedback, who approves it, what is answered, and how many voices it takes to show any.

It does not decide a rating, nor when a packet is released.
It builds on `reviews`, `people` and `core`.
"""
