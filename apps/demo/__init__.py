"""Decides the made-up company that `manage.py demo` shows, and the page that lists its people to sign in as.

It does not decide anything in a real installation: it is installed only when DEMO is true, and a production start refuses it.
It builds on every app below it, through their actions.
"""
