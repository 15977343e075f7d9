"""Bring the roll of people in line with a CSV file."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.core.access import COMMAND_VIEWER
from apps.people import actions
from apps.people.rules.changes import Diff
from apps.people.rules.table_file import LARGEST_FILE, Refused


class Command(BaseCommand):
    help = (
        "Enter and change people from a CSV file; all of it or nothing. "
        "Exit status 2 means that the file was refused, with every row and column named."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with the columns name, email and others")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would change, and stop"
        )
        parser.add_argument("--json", action="store_true", help="the difference as JSON")
        parser.add_argument(
            "--with-accounts", action="store_true", help="open an account for everybody in the file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
            found = actions.import_people(
                data,
                by=COMMAND_VIEWER,
                now=timezone.now(),
                dry_run=options["dry_run"],
                with_accounts=options["with_accounts"],
            )
        except OSError as wrong:
            raise CommandError(f"{options['file']}: {wrong.strerror}", returncode=2) from wrong
        except Refused as refused:
            if options["json"]:
                problems = [asdict(problem) for problem in refused.problems]
                self.stdout.write(json.dumps({"refused": problems}, ensure_ascii=False))
            raise CommandError(str(refused), returncode=2) from refused
        if options["json"]:
            self.stdout.write(json.dumps(as_json(found), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(lines(found, would=options["dry_run"])))


def lines(found: Diff, *, would: bool) -> list[str]:
    """The difference as somebody at a shell reads it."""
    said = [f"+ {e.name} <{e.email}>" for e in found.created]
    for entry in found.changed:
        changes = ", ".join(
            f"{c.column}: {c.before or 'nothing'} -> {c.after or 'nothing'}" for c in entry.changes
        )
        said.append(f"~ {entry.name} <{entry.email}>: {changes}")
    said += [f"+ department {name}" for name in found.departments]
    said += [f"+ location {name}" for name in found.locations]
    said += [f"? {name} is not in the file and stays" for name in found.missing]
    verb = "would be " if would else ""
    said.append(
        f"{len(found.created)} {verb}entered, {len(found.changed)} {verb}changed, "
        f"{found.unchanged} as they were, {len(found.missing)} not in the file"
    )
    return said


def as_json(found: Diff) -> dict[str, Any]:
    def entry(e: Any) -> dict[str, Any]:
        changes = {c.column: {"from": c.before, "to": c.after} for c in e.changes}
        return {"row": e.row, "name": e.name, "email": e.email, "changes": changes}

    return {
        "created": [entry(e) for e in found.created],
        "changed": [entry(e) for e in found.changed],
        "unchanged": found.unchanged,
        "missing": list(found.missing),
        "departments": list(found.departments),
        "locations": list(found.locations),
    }
