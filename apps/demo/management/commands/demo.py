"""One command from a fresh checkout to a running company."""

from __future__ import annotations

import os
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.demo import pages, serving
from apps.demo.load import Occupied, load_company

WIDTH = 24


class Command(BaseCommand):
    help = "Load a made-up company and serve it on this machine. What was loaded before stays."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--no-serve", action="store_true", help="load the company and stop there"
        )

    def handle(self, *, port: int, no_serve: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not the demo. Start it with DEMO=true.")
        call_command("migrate", verbosity=0, interactive=False)
        self._load()
        if no_serve:
            return
        address = f"http://{serving.HOST}:{port}"
        settings.SITE_URL = address  # links in mails lead to where it is served
        try:
            server = serving.open_server(port)
        except OSError as taken:
            raise CommandError(f"Port {port} is taken. Name another: --port {port + 1}") from taken
        self._greet(address)
        all_stopped = serving.serve(server)
        self.stdout.write("\nStopped. What you typed is kept; the same command brings it back.")
        self.stdout.flush()
        if not all_stopped:
            os._exit(0)  # the interpreter would wait for a beat that sleeps

    def _load(self) -> None:
        begun = time.monotonic()
        self.stdout.write("Filling Fjordline, a made-up company. This takes half a minute, once.")
        self.stdout.flush()
        try:
            loaded = load_company(now=timezone.now())
        except Occupied as occupied:
            raise CommandError(
                "Other people are in this database. Name an empty one in DATABASE_URL."
            ) from occupied
        seconds = time.monotonic() - begun
        said = (
            f"Done in {seconds:.0f} s." if loaded else "It is there already; nothing was changed."
        )
        self.stdout.write(said)

    def _greet(self, address: str) -> None:
        page = pages.people(on=timezone.localdate())
        write = self.stdout.write
        write(
            f"\n  Rungs runs at   {address}/demo/\n  Choose a person there; nobody needs a password.\n"
        )
        for face in page.faces:
            write(f"  {face.person.name:<{WIDTH}}{face.heading}")
        if folder := getattr(settings, "EMAIL_FILE_PATH", None):
            write(
                f"\n  Mails are written to {folder}, and Jelena Petrović sees their log at {address}/mail/"
            )
        write("  Ctrl-C stops it.\n")
        self.stdout.flush()
