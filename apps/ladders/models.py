"""The tables of a career ladder: what a document says, where it says it, and in which version.

A published version never changes (actions refuse it); cycles and people pin levels of a version.
Expectations of a level are computed from these rows (rules), never copied.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from apps.core.access import Viewer
from apps.ladders.access import READS, version_gate
from apps.ladders.states import (
    Cascade,
    Comparator,
    CompetencyKind,
    Merge,
    ReferenceKind,
    ReferenceStatus,
    StatementKind,
    VersionState,
)


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


class Track(models.Model):
    """A line of levels, such as individual contributor or management."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="tracks")
    key = models.SlugField(max_length=80)
    name = models.CharField(max_length=120)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [UniqueConstraint(fields=["version", "key"], name="track_key_once")]

    def __str__(self) -> str:
        return self.name


class Level(models.Model):
    """A rung: what the company calls it, and where it stands in its track."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="levels")
    track = models.ForeignKey(Track, null=True, on_delete=models.CASCADE, related_name="levels")
    key = models.SlugField(max_length=120)
    code = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=160)
    aliases = models.JSONField(default=list)
    band = models.PositiveIntegerField(null=True)
    position = models.PositiveIntegerField(help_text="Seniority within the track, lowest first.")
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    line = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["track__position", "position"]
        constraints = [UniqueConstraint(fields=["version", "key"], name="level_key_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()


class LevelAttribute(models.Model):
    """A named property of a level, with its range where it gives one ("Peers (2-5)")."""

    level = models.ForeignKey(Level, on_delete=models.CASCADE, related_name="attributes")
    name = models.CharField(max_length=160)
    value = models.TextField()
    low = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    high = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class Area(models.Model):
    """A group of competencies."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="areas")
    key = models.SlugField(max_length=120)
    name = models.CharField(max_length=160)
    icon = models.CharField(max_length=16, blank=True)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [UniqueConstraint(fields=["version", "key"], name="area_key_once")]

    def __str__(self) -> str:
        return self.name


class Competency(models.Model):
    """What is rated. A facet describes a level and is not rated."""

    version = models.ForeignKey(
        LadderVersion, on_delete=models.CASCADE, related_name="competencies"
    )
    area = models.ForeignKey(Area, null=True, on_delete=models.CASCADE, related_name="competencies")
    key = models.SlugField(max_length=160)
    kind = models.CharField(
        max_length=12, choices=CompetencyKind, default=CompetencyKind.COMPETENCY
    )
    name = models.CharField(max_length=200)
    icon = models.CharField(max_length=16, blank=True)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [UniqueConstraint(fields=["version", "key"], name="competency_key_once")]

    def __str__(self) -> str:
        return self.name


class Definition(models.Model):
    """What a competency means at one level, where the document says so."""

    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="definitions")
    level = models.ForeignKey(Level, null=True, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    line = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["competency", "level"], name="definition_once_per_level")
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Mixin(models.Model):
    """A role that is added to a level, such as Data Engineer."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="mixins")
    key = models.SlugField(max_length=120)
    title = models.CharField(max_length=160)
    aliases = models.JSONField(default=list)
    forthcoming = models.BooleanField(default=False)
    body = models.TextField(blank=True)
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [UniqueConstraint(fields=["version", "key"], name="mixin_key_once")]

    def __str__(self) -> str:
        return self.title


class MixinRule(models.Model):
    """What a mixin does to one competency; ADD where no rule stands."""

    mixin = models.ForeignKey(Mixin, on_delete=models.CASCADE, related_name="rules")
    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="+")
    merge = models.CharField(max_length=8, choices=Merge)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["mixin", "competency"], name="mixin_rule_once"),
        ]

    def __str__(self) -> str:
        return f"{self.mixin}: {self.competency} {self.merge}"


class Statement(models.Model):
    """An expectation or an example: of a level or of a mixin, for one competency."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="statements")
    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="statements")
    level = models.ForeignKey(Level, null=True, on_delete=models.CASCADE, related_name="statements")
    mixin = models.ForeignKey(Mixin, null=True, on_delete=models.CASCADE, related_name="statements")
    key = models.CharField(max_length=40, help_text="Stable id, kept through re-imports.")
    kind = models.CharField(max_length=10, choices=StatementKind, default=StatementKind.STATEMENT)
    label = models.CharField(max_length=160, blank=True)
    text = models.TextField()
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            UniqueConstraint(fields=["version", "key"], name="statement_key_once"),
            CheckConstraint(
                condition=Q(level__isnull=False, mixin=None) | Q(level=None, mixin__isnull=False),
                name="statement_of_a_level_or_a_mixin",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Reference(models.Model):
    """A place where the document points elsewhere, found or not."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="references")
    kind = models.CharField(max_length=12, choices=ReferenceKind)
    status = models.CharField(max_length=12, choices=ReferenceStatus)
    level = models.ForeignKey(Level, null=True, on_delete=models.CASCADE, related_name="references")
    statement = models.ForeignKey(
        Statement, null=True, on_delete=models.CASCADE, related_name="references"
    )
    text = models.TextField()
    target = models.TextField(blank=True)
    target_level = models.ForeignKey(
        Level, null=True, on_delete=models.SET_NULL, related_name="referred_by"
    )
    target_competency = models.ForeignKey(
        Competency, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    line = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.target or self.text}"


class RoleProfile(models.Model):
    """A position with responsibilities and success metrics; not a level."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="profiles")
    key = models.SlugField(max_length=120)
    title = models.CharField(max_length=160)
    position = models.PositiveIntegerField()
    profile = models.TextField(blank=True)
    months_from = models.PositiveIntegerField(null=True)
    months_to = models.PositiveIntegerField(null=True)
    years_from = models.PositiveIntegerField(null=True)
    years_to = models.PositiveIntegerField(null=True)
    line = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [UniqueConstraint(fields=["version", "key"], name="role_profile_key_once")]

    def __str__(self) -> str:
        return self.title


class Responsibility(models.Model):
    profile = models.ForeignKey(
        RoleProfile, on_delete=models.CASCADE, related_name="responsibilities"
    )
    text = models.TextField()
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.text[:60]


class Target(models.Model):
    """What SuccessMetric and KpiTarget share: something to reach, typed where it has a number."""

    text = models.TextField()
    subject = models.CharField(max_length=300)
    comparator = models.CharField(max_length=12, choices=Comparator)
    value = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    unit = models.CharField(max_length=30, blank=True)
    within = models.CharField(max_length=60, blank=True)
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField(null=True)

    class Meta:
        abstract = True
        ordering = ["position"]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def amount(self) -> str:
        """The number with no more zeros than were written, and its unit: "4.2 /5"."""
        if self.value is None:
            return ""
        unit = "" if self.unit == "count" else self.unit
        return f"{Decimal(self.value).normalize():f} {unit}".strip()


class SuccessMetric(Target):
    profile = models.ForeignKey(RoleProfile, on_delete=models.CASCADE, related_name="metrics")


class KpiGroup(models.Model):
    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="kpi_groups")
    name = models.CharField(max_length=160)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class KpiTarget(Target):
    group = models.ForeignKey(KpiGroup, on_delete=models.CASCADE, related_name="targets")
    name = models.CharField(max_length=160)


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
