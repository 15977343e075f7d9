"""The five sample ladders, imported and published as HR does it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from apps.core.access import COMMAND_VIEWER
from apps.demo.load.stage import Stage
from apps.ladders.actions import Document, import_ladders, readings_of
from apps.ladders.rules import Reading

PUBLISHED = -460  # days from today: before the company's people are entered


def read_ladders() -> list[tuple[Reading, Document]]:
    """Every file of the folder but its page of advice; reading needs no database."""
    files = sorted(p for p in Path(settings.LADDERS_DIR).glob("*.md") if p.name != "README.md")
    documents = [Document(path.name, path.read_bytes()) for path in files]
    return list(zip(readings_of(documents), documents, strict=True))


def publish_ladders(stage: Stage, read: list[tuple[Reading, Document]]) -> None:
    """All five as published versions; what points at each other is resolved on the way."""
    import_ladders(read, by=COMMAND_VIEWER, now=stage.dawn(PUBLISHED), publish=True)
