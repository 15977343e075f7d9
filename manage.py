#!/usr/bin/env python
"""Every command starts here. `manage.py demo` needs no settings at all."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["demo"]:
        os.environ.setdefault("DEMO", "true")
        os.environ.setdefault(
            "LOG_LEVEL", "WARNING"
        )  # the sign-ins are what a visitor wants to read
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
