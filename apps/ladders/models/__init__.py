"""The tables of a career ladder: what a document says, where it says it, and in which version.

A published version never changes (actions refuse it); cycles and people pin levels of a version.
Expectations of a level are computed from these rows (rules), never copied.
"""

from apps.ladders.models.levels import (
    Area,
    Competency,
    Definition,
    Level,
    LevelAttribute,
    Mixin,
    MixinRule,
    Reference,
    Statement,
    Track,
)
from apps.ladders.models.profiles import (
    KpiGroup,
    KpiTarget,
    Responsibility,
    RoleProfile,
    SuccessMetric,
    Target,
)
from apps.ladders.models.versions import (
    Ladder,
    LadderVersion,
    LadderVersionQuerySet,
    Note,
    SourceDocument,
    StagedFile,
)

__all__ = [
    "Area",
    "Competency",
    "Definition",
    "KpiGroup",
    "KpiTarget",
    "Ladder",
    "LadderVersion",
    "LadderVersionQuerySet",
    "Level",
    "LevelAttribute",
    "Mixin",
    "MixinRule",
    "Note",
    "Reference",
    "Responsibility",
    "RoleProfile",
    "SourceDocument",
    "StagedFile",
    "Statement",
    "SuccessMetric",
    "Target",
    "Track",
]
