"""A ladder, its versions, the file each came from, and what no other table claims."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from apps.core.access import Viewer
from apps.ladders.access import READS, version_gate
from apps.ladders.states import Cascade, VersionState


class Ladder(models.Model):
    """A ladder of the company, through all its versions."""

    key = models.SlugField(max_length=80, unique=True, help_text="Stable name in files and URLs.")
    title = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.title


class LadderVersionQuerySet(models.QuerySet["LadderVersion"]):
    def published(self) -> LadderVersionQuerySet:
        return self.filter(state=VersionState.PUBLISHED)

    def visible_to(self, viewer: Viewer) -> LadderVersionQuerySet:
        return version_gate.visible(viewer, self, *READS)


class LadderVersion(models.Model):
    """One reading of one ladder; immutable once published. Who did it stands in the audit trail:
    ladders lie below people and know no person."""

    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, help_text="ladder or role_profiles")
    shape = models.CharField(max_length=40)
    state = models.CharField(max_length=12, choices=VersionState, default=VersionState.DRAFT)
    cascade = models.CharField(max_length=16, choices=Cascade, default=Cascade.NONE)
    summary = models.TextField(blank=True)
    licence = models.CharField(max_length=300, blank=True)
    attribution = models.CharField(max_length=300, blank=True)
    fingerprint = models.CharField(max_length=64, help_text="sha256 of the canonical form.")
    canonical = models.TextField(blank=True, help_text="The canonical YAML, ids kept.")
    why = models.TextField(blank=True, help_text="Why the document was read in this shape.")
    coverage_claimed = models.PositiveIntegerField(default=0, help_text="Non-blank source lines.")
    coverage_total = models.PositiveIntegerField(default=0, help_text="Non-blank source lines.")
    warnings = models.JSONField(default=list)
    imported_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    objects = LadderVersionQuerySet.as_manager()

    class Meta:
        ordering = ["ladder__title", "-number"]
        constraints = [
            UniqueConstraint(fields=["ladder", "number"], name="ladder_version_number_once"),
            UniqueConstraint(
                fields=["ladder"],
                condition=Q(state="published"),
                name="ladder_has_one_published_version",
            ),
            CheckConstraint(
                condition=Q(state__in=VersionState.values), name="ladder_version_state_is_known"
            ),
            CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="ladder_version_published_has_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ladder.title}, version {self.number}"


class SourceDocument(models.Model):
    """The file as it came, byte for byte, and what was repaired in reading it."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    repairs = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name


class StagedFile(models.Model):
    """An upload that waits for its preview to be confirmed; it goes within the hour."""

    person_id = models.BigIntegerField(help_text="Who put it here; ladders know no person.")
    name = models.CharField(max_length=255)
    content = models.BinaryField()
    staged_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """A line of the source that no other entity claims; kept, so that nothing is dropped."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="notes")
    path = models.JSONField(default=list, help_text="Headings above it, outermost first.")
    kind = models.CharField(max_length=20, default="item", help_text="item, paragraph, heading ...")
    text = models.TextField()
    line = models.PositiveIntegerField(null=True)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.text[:60]
