"""Every write of ladders: taking documents in, publishing a version, dropping a draft."""

from apps.ladders.actions.importing import (
    Document,
    Imported,
    forget_files,
    import_ladder,
    import_ladders,
    reading_of,
    readings_of,
    stage_files,
)
from apps.ladders.actions.publishing import discard_draft, publish_version

__all__ = [
    "Document", "Imported", "discard_draft", "forget_files", "import_ladder", "import_ladders",
    "publish_version", "reading_of", "readings_of", "stage_files",
]  # fmt: skip
