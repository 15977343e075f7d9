"""Read ladder documents and keep them as drafts, or only show what would be kept."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError
from django.utils import timezone

from apps.core.access import COMMAND_VIEWER
from apps.ladders import actions, pages
from apps.ladders.rules import Reading, ReadingProfile, Refused, counts, profile_of, to_json
from apps.ladders.rules.source import MAX_BYTES


class Command(BaseCommand):
    help = (
        "Read ladder documents and keep each as a draft version; all of them or none. "
        "Exit status 2 means that a document was refused, with file and line."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--profile", type=Path, help="what the text cannot say (YAML)")
        parser.add_argument("--title", default="", help="the title of the ladder, for one document")
        parser.add_argument("--dry-run", action="store_true", help="show, and write nothing")
        parser.add_argument("--publish", action="store_true", help="publish what was imported")
        parser.add_argument("--json", action="store_true", help="print what was read as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            said = self._run(**options)
        except Refused as refused:
            raise CommandError(str(refused), returncode=2) from refused
        except (OperationalError, ProgrammingError) as missing:
            raise CommandError(
                "The database has no tables for ladders yet. Run `python manage.py migrate` first; "
                "--dry-run needs no database."
            ) from missing
        self.stdout.write(said)

    def _run(
        self,
        *,
        paths: list[Path],
        profile: Path | None,
        title: str,
        dry_run: bool,
        publish: bool,
        **options: Any,
    ) -> str:
        documents = [actions.Document(path.name, _bytes_of(path)) for path in paths]
        wishes = _profile(profile, title, paths)
        known = [] if dry_run else pages.known_files()
        readings = actions.readings_of(documents, profile=wishes, known_files=known)
        states = [""] * len(readings)
        if not dry_run:
            done = actions.import_ladders(
                list(zip(readings, documents, strict=True)),
                by=COMMAND_VIEWER,
                now=timezone.now(),
                publish=publish,
            )
            for n, each in enumerate(done):
                state = "unchanged" if each.unchanged else each.version.get_state_display().lower()
                states[n] = f"\n  {each.version}: {state}"
        if options["json"]:
            found = [to_json(reading) for reading in readings]
            whole = found[0] if len(found) == 1 else {"documents": found}
            return json.dumps(whole, ensure_ascii=False, indent=2)
        rows = zip(documents, readings, states, strict=True)
        return "\n".join(_line(document.name, reading) + state for document, reading, state in rows)


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as wrong:
        raise Refused(f"{wrong.strerror}.", name=str(path)) from wrong


def _profile(path: Path | None, title: str, paths: list[Path]) -> ReadingProfile:
    if title and len(paths) > 1:
        raise Refused("--title names one document, and there are more.", name=paths[1].name, line=1)
    wishes = ReadingProfile()
    if path is not None:
        try:
            text = _bytes_of(path).decode()
        except UnicodeDecodeError as wrong:
            raise Refused("the profile is not UTF-8.", name=path.name, line=1) from wrong
        wishes = profile_of(text, name=path.name)
    return wishes.model_copy(update={"title": title}) if title else wishes


def _line(name: str, reading: Reading) -> str:
    parts = [f"{what.replace('_', ' ')} {n}" for what, n in counts(reading).items() if n]
    covered = f"{reading.coverage.claimed} of {reading.coverage.total} lines accounted for"
    warnings = "".join(f"\n  {warning}" for warning in reading.warnings)
    return f"{name}: {reading.ladder.title} ({', '.join(parts)}; {covered}){warnings}"
