"""Roles to fill and targets to reach: what a plan says, and no level."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import UniqueConstraint

from apps.ladders.models.versions import LadderVersion
from apps.ladders.states import Comparator


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
        unit = "" if self.unit in {"count", "x"} else self.unit
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
