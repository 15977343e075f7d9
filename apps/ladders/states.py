"""The life of a ladder version, and the vocabulary of what a document can say."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.core.workflow import Move


class VersionState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


MOVES = {
    "publish_version": Move(frozenset({VersionState.DRAFT}), VersionState.PUBLISHED),
    "retire_version": Move(frozenset({VersionState.PUBLISHED}), VersionState.RETIRED),
}
# What colleagues read: a retired version stays open, for people are still held against it.
READABLE = frozenset({VersionState.PUBLISHED, VersionState.RETIRED})


class Cascade(TextChoices):
    """How the expectations of lower levels reach higher ones."""

    NONE = "none", _("Each level stands alone")
    WITHIN_TRACK = "within_track", _("Lower levels of the same track are included")
    ACROSS_TRACKS = "across_tracks", _("All levels of lower bands are included")


class StatementKind(TextChoices):
    STATEMENT = "statement", _("Expectation")
    EXAMPLE = "example", _("Example")


class CompetencyKind(TextChoices):
    COMPETENCY = "competency", _("Competency")
    FACET = "facet", _("Describes the level, is not rated")


class Merge(TextChoices):
    """What a role mixin does to a competency of the level it is added to."""

    ADD = "add", _("Added to the level")
    REPLACE = "replace", _("In place of the level")


class ReferenceKind(TextChoices):
    INHERITS = "inherits", _("Takes over all of")
    INCLUDES = "includes", _("Includes a competency of")
    SAME_AS = "same_as", _("Same as")
    EQUIVALENT = "equivalent", _("Equivalent to")
    LINK = "link", _("Link")


class ReferenceStatus(TextChoices):
    RESOLVED = "resolved", _("Found")
    UNRESOLVED = "unresolved", _("Not found yet")
    MALFORMED = "malformed", _("Cannot be read as an address")
    EXTERNAL = "external", _("Leads elsewhere")


class Comparator(TextChoices):
    """How an actual value is held against a target."""

    GE = "ge", _("at least")
    GT = "gt", _("more than")
    LE = "le", _("at most")
    LT = "lt", _("less than")
    EQ = "eq", _("exactly")
    DECREASE_BY = "decrease_by", _("reduced by")
    INCREASE_BY = "increase_by", _("increased by")
    RATIO = "ratio", _("times as much")
    QUALITATIVE = "qualitative", _("to be judged in words")
