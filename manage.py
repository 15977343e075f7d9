#!/usr/bin/env python
"""Every command starts here. A checkout without settings is the demo, and its commands work on the
demo's database; the doors of production (config.wsgi, config.asgi) refuse to open like that."""

import os
import sys
from pathlib import Path

SETTINGS_FILE = Path(__file__).with_name(".env")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    has_settings = "SECRET_KEY" in os.environ or SETTINGS_FILE.exists()
    if sys.argv[1:2] == ["demo"] or not (has_settings or "DEBUG" in os.environ):
        os.environ.setdefault("DEMO", "true")
        # What a command prints is what somebody wants to read.
        os.environ.setdefault("LOG_LEVEL", "WARNING")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
