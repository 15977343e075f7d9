"""The five sample ladders, imported and published as HR does it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from apps.core.access import COMMAND_VIEWER
from apps.demo.load.stage import Stage
from apps.ladders.actions import Document, import_ladders
from apps.ladders.rules import Reading, read

PUBLISHED = -460  # days from today: before the company's people are entered


def read_ladders() -> list[tuple[Reading, Document]]:
    """Every file of the folder but its page of advice; reading needs no database."""
    files = sorted(p for p in Path(settings.LADDERS_DIR).glob("*.md") if p.name != "README.md")
    documents = [Document(path.name, path.read_bytes()) for path in files]
    names = {path.name for path in files}
    # These files are our own, so they are read here and not in a process that can be stopped.
    return [
        (read(d.content, name=d.name, known_files=tuple(names - {d.name})), d) for d in documents
    ]


def publish_ladders(stage: Stage, readings: list[tuple[Reading, Document]]) -> None:
    """All five as published versions; what points at each other is resolved on the way."""
    import_ladders(readings, by=COMMAND_VIEWER, now=stage.dawn(PUBLISHED), publish=True)
