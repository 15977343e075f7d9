"""Configuration only: accounts, places, and who belongs to which account.

PRIVACY: offices are read here and never given; what people wrote is in no admin at all.
"""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.admin import Authenticator
from allauth.usersessions.admin import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.people.models import Department, Location, Person, User
from apps.people.rules.people_file import email_key

# The admin signs in by the same door as everybody, so that the second step holds here too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# Rights come from offices and relations; groups would be a second way that nothing reads.
admin.site.unregister(Group)
# PRIVACY: when somebody was here last, from where and with what is in no admin: for whoever knows when
# an answer came, that is a name.
admin.site.unregister(UserSession)
admin.site.unregister(Authenticator)


class NewUser(BaseUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        return email_key(self.cleaned_data["email"])


class ChangedUser(UserChangeForm):
    class Meta:
        model = User
        fields = ("email", "is_active", "is_staff", "is_superuser")

    def clean_email(self) -> str:
        return email_key(self.cleaned_data["email"])


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form, add_form = ChangedUser, NewUser
    list_display = ("email", "person", "is_active", "is_staff", "is_superuser")
    list_select_related = ("person",)
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "person__name")
    ordering = ("email",)
    filter_horizontal = ()
    readonly_fields = ("date_joined",)
    fieldsets = (
        (None, {"fields": ("email", "is_active")}),
        (_("The admin"), {"fields": ("is_staff", "is_superuser")}),
        (_("Dates"), {"fields": ("date_joined",)}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "password1", "password2")}),)


@admin.register(Authenticator)
class SecondStepAdmin(admin.ModelAdmin):
    """For a telephone that was lost: the second step is taken away. Its secret and its use stay hidden."""

    list_display = fields = readonly_fields = ("user", "type")
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):
    search_fields = ("name",)


@admin.register(Location)
class LocationAdmin(admin.ModelAdmin):
    list_display = ("name", "time_zone")
    search_fields = ("name",)


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    """Ties a person to an account and a place. Everything with a rule is done on the pages of HR."""

    list_display = ("name", "email", "department", "location", "user", "left_on")
    list_filter = ("is_process_admin", "is_content_admin")
    search_fields = ("name", "email", "employee_number")
    autocomplete_fields = ("user", "department", "location")
    fields = (
        "name", "email", "user", "department", "location", "time_zone",
        "manager", "left_on", "is_process_admin", "is_content_admin",
    )  # fmt: skip
    readonly_fields = (
        "name", "email", "manager", "left_on", "is_process_admin", "is_content_admin",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        return (
            super()
            .get_queryset(request)
            .select_related("department", "location", "user", "manager")
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
