"""What HR may type about a cycle. Forms clean; the rules of phases judge the plan as a whole."""

from __future__ import annotations

from typing import Any

from crispy_forms.bootstrap import InlineCheckboxes
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout, Submit
from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.keys import key_in
from apps.reviews import pages
from apps.reviews.rules.phases import CyclePlan, Dated, Faults
from apps.reviews.states import NEEDED_PHASES, Phase

MOST_DAYS = 60
NEEDED = {phase.value for phase in NEEDED_PHASES}


def _day(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        **options,
    )


class PhasesForm(forms.Form):
    """The days of the phases; those a cycle may leave out have a box to tick."""

    grace_days = forms.IntegerField(
        label=_("Days of grace"),
        min_value=0,
        max_value=MOST_DAYS,
        initial=2,
        help_text=_(
            "After a last day people can still finish for so long. Everybody is shown the last day, "
            "not these."
        ),
    )

    # The browser must not insist on the days of a phase that is left out.
    use_required_attribute = False

    def __init__(self, *args: Any, kinds: list[str], choosable: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = kinds
        for kind in kinds:
            may_be_left_out = choosable and kind not in NEEDED
            if may_be_left_out:
                self.fields[f"has_{kind}"] = forms.BooleanField(
                    label=_("This cycle has it"), required=False, initial=True
                )
            # Days are asked for unless what was sent leaves the phase out.
            left_out = may_be_left_out and self.is_bound and not self.data.get(f"has_{kind}")
            self.fields[f"opens_on_{kind}"] = _day(_("First day"), required=not left_out)
            self.fields[f"due_on_{kind}"] = _day(_("Last day"), required=not left_out)

    def rows(self) -> list[Fieldset]:
        """One group a phase: a box where it may be left out, and its two days."""
        groups = []
        for kind in self.kinds:
            box = [name] if (name := f"has_{kind}") in self.fields else []
            days = Div(f"opens_on_{kind}", f"due_on_{kind}", css_class="fields-row")
            groups.append(Fieldset(Phase(kind).label, *box, days, css_class="phase-days"))
        return groups

    def phases(self) -> tuple[Dated, ...]:
        """The phases that are on, from what was typed."""
        typed = self.cleaned_data
        return tuple(
            Dated(kind, typed[f"opens_on_{kind}"], typed[f"due_on_{kind}"])
            for kind in self.kinds
            if typed.get(f"has_{kind}", True)
        )

    def show(self, faults: Faults) -> None:
        """Put each fault of the rules at its field."""
        for name, sentence in faults.by_field.items():
            self.add_error(name if name in self.fields else None, sentence)


class CycleForm(PhasesForm):
    """A whole plan."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Such as “Autumn 2026”."))
    period_start = _day(_("The period begins"))
    period_end = _day(_("The period ends"))
    scale = forms.TypedChoiceField(label=_("Rating scale"), coerce=int)
    departments = forms.TypedMultipleChoiceField(
        label=_("Departments"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Everybody employed there on the first day takes part. You can narrow it down afterwards "
            "by location, level and hiring day, and take people in or leave them out by hand."
        ),
    )
    owners = forms.TypedMultipleChoiceField(
        label=_("Owners"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "They are named as whom to ask. Every HR process admin can run the cycle; at least two "
            "own it, so that it goes on when one is away."
        ),
    )
    self_review = forms.BooleanField(
        label=_("People write a self review"),
        required=False,
        initial=True,
        help_text=_("The person reads it always; the manager and the one above once it is in."),
    )
    seal_self_review = forms.BooleanField(
        label=_("Managers read it only after their own ratings are in"),
        required=False,
        help_text=_(
            "So that the person's view does not pull the rating. Without it the manager has the self "
            "review beside the form while writing."
        ),
    )
    show_calibration = forms.BooleanField(
        label=_("People see what calibration changed, and why"),
        required=False,
        help_text=_(
            "In the packet, after the release. The manager sees it always, before the release; "
            "without a tick the person sees the final rating alone."
        ),
    )
    dispute_days = forms.IntegerField(
        label=_("Days to dispute a packet"),
        min_value=0,
        max_value=MOST_DAYS,
        initial=10,
        help_text=_(
            "Working days after the release in which a person can object. A third person then "
            "decides. 0 means that nobody can."
        ),
    )

    def __init__(
        self,
        *args: Any,
        choices: pages.CycleChoices,
        departments: tuple[int, ...] | None = None,
        **kwargs: Any,
    ) -> None:
        """`departments` of a cycle that has them: they are changed on the page of its people."""
        super().__init__(*args, kinds=list(Phase.values), choosable=True, **kwargs)
        self.kept_departments = departments
        self.fields["scale"].choices = choices.scales  # type: ignore[attr-defined]  # a choice field
        if departments is None:
            self.fields["departments"].choices = choices.departments  # type: ignore[attr-defined]
        else:
            del self.fields["departments"]
        self.fields["owners"].choices = choices.owners  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            Fieldset(
                _("What it is about"),
                "name",
                Div("period_start", "period_end", css_class="fields-row"),
                "scale",
            ),
            *(
                [Fieldset(_("Who takes part"), InlineCheckboxes("departments"))]
                if departments is None
                else []
            ),
            Fieldset(_("Who runs it"), InlineCheckboxes("owners")),
            Fieldset(_("When"), *self.rows(), "grace_days"),
            Fieldset(_("Who reads what"), "self_review", "seal_self_review", "show_calibration"),
            Fieldset(_("After the release"), "dispute_days"),
            Submit("keep", _("Keep the plan"), css_class="primary"),
        )

    def plan(self) -> CyclePlan:
        """The plan as typed; call it on a valid form only."""
        typed = self.cleaned_data
        return CyclePlan(
            name=typed["name"].strip(),
            period_start=typed["period_start"],
            period_end=typed["period_end"],
            scale_id=typed["scale"],
            department_ids=self.kept_departments or tuple(typed.get("departments", ())),
            owner_ids=tuple(typed["owners"]),
            phases=self.phases(),
            self_review=typed["self_review"],
            seal_self_review=typed["seal_self_review"],
            show_calibration=typed["show_calibration"],
            grace_days=typed["grace_days"],
            dispute_days=typed["dispute_days"],
        )


def initial_of(plan: CyclePlan) -> dict[str, Any]:
    """What the form shows of a plan that is stored."""
    shown: dict[str, Any] = {
        "name": plan.name,
        "period_start": plan.period_start,
        "period_end": plan.period_end,
        "scale": plan.scale_id,
        "departments": list(plan.department_ids),
        "owners": list(plan.owner_ids),
        "self_review": plan.self_review,
        "seal_self_review": plan.seal_self_review,
        "show_calibration": plan.show_calibration,
        "grace_days": plan.grace_days,
        "dispute_days": plan.dispute_days,
    }
    for kind in Phase.values:
        shown[f"has_{kind}"] = False
    for phase in plan.phases:
        shown[f"has_{phase.kind}"] = True
        shown[f"opens_on_{phase.kind}"] = phase.opens_on
        shown[f"due_on_{phase.kind}"] = phase.due_on
    return shown


class DatesForm(PhasesForm):
    """The days of a cycle that runs; its phases are fixed."""

    def __init__(self, *args: Any, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, kinds=kinds, choosable=False, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            Fieldset(_("When"), *self.rows(), "grace_days"),
            Submit("keep", _("Keep the dates"), css_class="primary"),
        )


class StepBackForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=300)
    reopens_on = _day(_("Opens again on"))


class BoardFilterForm(forms.Form):
    """What may stand in the address of the board; what cannot be read is left out."""

    department = forms.IntegerField(required=False, min_value=0)
    location = forms.IntegerField(required=False, min_value=0)
    level = forms.IntegerField(required=False, min_value=0)
    manager = forms.IntegerField(required=False, min_value=0)
    waits = forms.CharField(required=False, max_length=20)
    search = forms.CharField(required=False, max_length=80)
    late = forms.BooleanField(required=False)
    moved = forms.BooleanField(required=False)
    sort = forms.ChoiceField(
        required=False, choices=[(way + name, name) for way in ("", "-") for name in pages.COLUMNS]
    )

    def chosen(self) -> pages.BoardFilter:
        self.is_valid()
        typed = self.cleaned_data
        return pages.BoardFilter(
            department=typed.get("department"),
            location=typed.get("location"),
            level=typed.get("level"),
            manager=typed.get("manager"),
            waits=typed.get("waits") or "",
            search=(typed.get("search") or "").strip(),
            late=bool(typed.get("late")),
            moved=bool(typed.get("moved")),
            sort=typed.get("sort") or "name",
        )


class ChosenForm(forms.Form):
    """The participants whose boxes are ticked."""

    participant = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        given = data.getlist("participant")
        # The action checks each id against what this viewer sees; here they only have to be numbers.
        self.fields["participant"].choices = [  # type: ignore[attr-defined]  # a choice field
            (pk, pk) for pk in given if key_in(pk) is not None
        ]


class GroupForm(forms.Form):
    """A whole department, or all of one manager, and how many were shown as ready."""

    of = forms.ChoiceField(choices=[("department", "department"), ("manager", "manager")])
    group = forms.IntegerField(min_value=0, max_value=10**18)
    expected = forms.IntegerField(min_value=1, max_value=10**6)
