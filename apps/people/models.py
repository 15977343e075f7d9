"""Who is employed, who reports to whom, and on which level each person stands.

A login is optional for a person, and an account without a person sees nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.core.access import Viewer
from apps.ladders.models import Level, Mixin, RoleProfile
from apps.people.access import FORMER_READS, READS, person_gate, staged_gate, token_gate
from apps.people.states import Scope


def known_time_zone(name: str) -> None:
    """Raises ValidationError unless `name` is an IANA zone such as "Europe/Oslo"."""
    if name and name not in available_timezones():
        raise ValidationError(_("There is no time zone named %(name)s."), params={"name": name})


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).casefold(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """An account that can sign in, by e-mail address."""

    email = models.EmailField(_("e-mail address"), unique=True)
    is_staff = models.BooleanField(_("may open the admin"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.email


class Department(models.Model):
    name = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    name = models.CharField(max_length=120, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_time_zone])

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PersonQuerySet(models.QuerySet["Person"]):
    """Filters that compose. Named for what the rows are, never for the page that asks."""

    def employed(self, *, on: date) -> PersonQuerySet:
        return self.filter(Q(left_on=None) | Q(left_on__gt=on))

    def former(self, *, on: date) -> PersonQuerySet:
        return self.filter(left_on__lte=on)

    def visible_to(self, viewer: Viewer, *, on: date) -> PersonQuerySet:
        """Today's colleagues for everybody; people who have left for HR."""
        here = Q(left_on=None) | Q(left_on__gt=on)
        return self.filter(
            (here & person_gate.q(viewer, *READS))
            | (Q(left_on__lte=on) & person_gate.q(viewer, *FORMER_READS))
        )

    def matching(self, words: str) -> PersonQuerySet:
        """Every word stands in the name, the title or the address."""
        found = self
        for word in words.split()[:6]:
            found = found.filter(
                Q(name__icontains=word) | Q(job_title__icontains=word) | Q(email__icontains=word)
            )
        return found

    def with_place(self) -> PersonQuerySet:
        return self.select_related("level", "department", "location", "manager", "role_profile")


class Person(models.Model):
    """Someone who works, or worked, here."""

    user = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="person"
    )
    name = models.CharField(max_length=160)
    email = models.EmailField()
    employee_number = models.CharField(max_length=40, unique=True, null=True, blank=True)
    job_title = models.CharField(max_length=160, blank=True)
    manager = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reports"
    )
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    location = models.ForeignKey(
        Location, null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_time_zone])
    level = models.ForeignKey(
        Level, null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    role_profile = models.ForeignKey(
        RoleProfile, null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    mixins = models.ManyToManyField(Mixin, blank=True, related_name="people")
    hired_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True, help_text="First day no longer employed.")
    leave_from = models.DateField(
        null=True, blank=True, help_text="First day of a leave, such as parental leave."
    )
    leave_until = models.DateField(null=True, blank=True, help_text="Last day of that leave.")
    # The offices are columns and not a table: every request asks for them, and this costs no query.
    is_process_admin = models.BooleanField(default=False)
    is_content_admin = models.BooleanField(default=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "people"
        constraints = [
            UniqueConstraint(Lower("email"), name="person_email_once"),
            CheckConstraint(
                condition=Q(manager=None) | ~Q(manager=F("pk")), name="person_is_not_own_manager"
            ),
            CheckConstraint(
                condition=Q(left_on=None) | Q(hired_on=None) | Q(left_on__gte=F("hired_on")),
                name="person_leaves_after_joining",
            ),
            CheckConstraint(
                condition=Q(leave_until=None)
                | Q(leave_from__isnull=False, leave_from__lte=F("leave_until")),
                name="person_leave_runs_forward",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def has_left(self, *, on: date) -> bool:
        return self.left_on is not None and self.left_on <= on


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, viewer: Viewer) -> ApiTokenQuerySet:
        return token_gate.visible(viewer, self, "read_token")

    def alive(self, *, at: datetime) -> ApiTokenQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=at)


class ApiToken(models.Model):
    """A personal key to the API. Only its digest is kept; the key is shown once."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.READ)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            CheckConstraint(condition=Q(scope__in=Scope.values), name="api_token_scope_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_alive(self, *, at: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > at


class StagedImportQuerySet(models.QuerySet["StagedImport"]):
    def visible_to(self, viewer: Viewer) -> StagedImportQuerySet:
        return staged_gate.visible(viewer, self, "read_staged")


class StagedImport(models.Model):
    """The people file that somebody looks at before it is taken: one each, gone once decided."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="staged_import")
    name = models.CharField(max_length=255)
    content = models.BinaryField()
    with_accounts = models.BooleanField(default=False)
    staged_at = models.DateTimeField()

    objects = StagedImportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
