"""What a browser may send about people. Forms clean; they never save."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Fieldset, Layout, Row
from django import forms
from django.forms.utils import flatatt
from django.urls import reverse_lazy
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.people.actions import Facts
from apps.people.models import Person
from apps.people.pages import EditPerson, time_zone_choices
from apps.people.rules.table_file import LARGEST_FILE
from apps.people.rules.tokens import LIFETIMES
from apps.people.states import Scope

SELECTED = SafeString(" selected")  # a constant of ours
NOTHING = [("", _("None"))]


def _key(value: str) -> int | None:
    return int(value) if value else None


class ZoneSelect(forms.Select):
    """A select drawn in one go: a template for each of 490 zones took most of the page's time."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        attributes = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        options = ((zone, SELECTED if zone == value else "", words) for zone, words in self.choices)
        drawn = format_html_join("", '<option value="{}"{}>{}</option>', options)
        return format_html("<select{}>{}</select>", flatatt(attributes), drawn)


class Filters(forms.Form):
    """What stands in the address of the directory; nonsense is left out, not refused."""

    q = forms.CharField(required=False, max_length=80)
    department = forms.IntegerField(required=False)
    location = forms.IntegerField(required=False)
    former = forms.BooleanField(required=False)
    page = forms.CharField(required=False, max_length=6)

    def wanted(self) -> dict[str, Any]:
        """Arguments for pages.directory."""
        self.is_valid()
        given = self.cleaned_data
        return {
            "query": given.get("q", "").strip(),
            "department_id": given.get("department"),
            "location_id": given.get("location"),
            "former": given.get("former", False),
            "number": given.get("page") or "1",
        }


class PersonForm(forms.Form):
    """The facts that HR enters. `find_person` turns an address into somebody who works here."""

    name = forms.CharField(label=_("Name"), max_length=160)
    email = forms.EmailField(
        label=_("E-mail address"), help_text=_("Mail goes here, and they sign in with it.")
    )
    job_title = forms.CharField(label=_("Title"), max_length=160, required=False)
    employee_number = forms.CharField(label=_("Employee number"), max_length=40, required=False)
    manager = forms.CharField(
        label=_("Manager"),
        required=False,
        max_length=254,
        help_text=_("Their e-mail address. Two letters of a name are enough for suggestions."),
    )
    department = forms.ChoiceField(label=_("Department"), required=False)
    location = forms.ChoiceField(label=_("Location"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), widget=ZoneSelect)
    level = forms.ChoiceField(label=_("Level"), required=False)
    mixins = forms.MultipleChoiceField(
        label=_("Roles beside the level"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    role_profile = forms.ChoiceField(label=_("Role profile"), required=False)
    hired_on = forms.DateField(
        label=_("First day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self,
        *args: Any,
        page: EditPerson,
        find_person: Callable[[str], Person | None],
        **kwargs: Any,
    ) -> None:
        person = page.person
        if person is not None:
            kwargs.setdefault("initial", _initial(person, page.mixin_ids))
        else:
            kwargs.setdefault("initial", {"time_zone": "UTC"})
        super().__init__(*args, **kwargs)
        self.find_person, self.person = find_person, person
        options = page.options
        zones = list(options.time_zones)
        if person is not None and person.time_zone not in dict(zones):
            zones.insert(0, (person.time_zone, person.time_zone))
        for name, choices in (
            ("department", NOTHING + options.departments),
            ("location", NOTHING + options.locations),
            ("level", NOTHING + options.levels),
            ("role_profile", NOTHING + options.profiles),
            ("mixins", options.mixins),
            ("time_zone", zones),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field
        search = {
            "hx_get": reverse_lazy("people:find_people"),
            "hx_trigger": "input changed delay:200ms",
            "hx_target": "#colleagues",
            "list": "colleagues",
            "autocomplete": "off",
        }
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            Fieldset(
                _("Who"),
                "name",
                "email",
                Row("job_title", "employee_number"),
                "hired_on",
            ),
            Fieldset(
                _("Where"),
                Field("manager", **search),
                Row("department", "location"),
                "time_zone",
            ),
            Fieldset(
                _("On the ladder"), "level", *(["mixins"] if options.mixins else []), "role_profile"
            ),
        )

    def clean_manager(self) -> Person | None:
        address = self.cleaned_data["manager"]
        if not address:
            return None
        manager: Person | None = self.find_person(address)
        if manager is None:
            unchanged = self.person is not None and self.person.manager is not None
            if unchanged and self.person.manager.email == address:  # type: ignore[union-attr]
                return self.person.manager  # type: ignore[union-attr]  # has left; kept until changed
            raise forms.ValidationError(_("Nobody who works here has this address."))
        if self.person is not None and manager.pk == self.person.pk:
            raise forms.ValidationError(_("Nobody is their own manager."))
        return manager

    def facts(self) -> Facts:
        """The cleaned form as actions take it."""
        given = self.cleaned_data
        manager: Person | None = given["manager"]
        return Facts(
            name=" ".join(given["name"].split()),
            email=given["email"],
            job_title=given["job_title"],
            employee_number=given["employee_number"] or None,
            manager_id=manager.pk if manager else None,
            department_id=_key(given["department"]),
            location_id=_key(given["location"]),
            time_zone=given["time_zone"],
            level_id=_key(given["level"]),
            role_profile_id=_key(given["role_profile"]),
            mixin_ids=frozenset(map(int, given["mixins"])),
            hired_on=given["hired_on"],
        )


def _initial(person: Person, mixin_ids: list[int]) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "job_title": person.job_title,
        "employee_number": person.employee_number or "",
        "manager": person.manager.email if person.manager else "",
        "department": person.department_id or "",
        "location": person.location_id or "",
        "time_zone": person.time_zone,
        "level": person.level_id or "",
        "role_profile": person.role_profile_id or "",
        "mixins": mixin_ids,
        "hired_on": person.hired_on,
    }


class Leave(forms.Form):
    left_on = forms.DateField(
        label=_("First day no longer employed"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=help_text,
    )


class PlanLeave(forms.Form):
    leave_from = _day(_("First day away"))
    leave_until = _day(_("Last day away"), _("Leave it empty while it is not known."))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("leave_from"), cleaned.get("leave_until")
        if last and not first:
            self.add_error("leave_from", _("Say from which day on."))
        elif last and first and last < first:
            self.add_error("leave_until", _("This is before the first day."))
        return cleaned


class TimeZone(forms.Form):
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zone_choices,
        widget=ZoneSelect,
        help_text=_(
            "Reminders come at nine in the morning of this zone, and days end with its midnight."
        ),
    )


class NewToken(forms.Form):
    name = forms.CharField(
        label=_("What is it for?"), max_length=80, help_text=_("A name that you will recognise.")
    )
    scope = forms.ChoiceField(label=_("It may"), choices=Scope.choices, initial=Scope.READ)
    days = forms.TypedChoiceField(
        label=_("It ends after"),
        coerce=int,
        choices=[(days, _("%(days)d days") % {"days": days}) for days in LIFETIMES],
        initial=LIFETIMES[1],
    )


class PeopleFile(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, up to 10 MB. Nothing changes before you have seen what would."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )
    with_accounts = forms.BooleanField(
        label=_("Open an account for everybody in the file who has none"), required=False
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 10 MB."))
        return file
