"""What is expected where: tracks, levels, competencies, roles, statements and where they point."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from apps.ladders.models.versions import LadderVersion
from apps.ladders.states import (
    CompetencyKind,
    Merge,
    ReferenceKind,
    ReferenceStatus,
    StatementKind,
)


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
