"""Every read of ladders: one function per page, each a frozen dataclass with its query count."""

from apps.ladders.pages.compare import compare
from apps.ladders.pages.exports import FORMS, Export, export, source_file
from apps.ladders.pages.ladder import ladder, ladders, role_profile
from apps.ladders.pages.level import level
from apps.ladders.pages.taking_in import import_ladder, known_files, staged_documents
from apps.ladders.pages.version import readable_version, version

__all__ = [
    "FORMS", "Export", "compare", "export", "import_ladder", "known_files", "ladder", "ladders",
    "level", "readable_version", "role_profile", "source_file", "staged_documents", "version",
]  # fmt: skip
