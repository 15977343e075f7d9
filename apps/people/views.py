"""HTTP in and out of people: build one page, or call one action."""

from __future__ import annotations

from functools import partial

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.htmx import screen
from apps.core.keys import key_in
from apps.core.workflow import StaleState
from apps.people import actions, forms, pages
from apps.people.rules.lines import Loop
from apps.people.rules.table_file import Refused
from apps.people.states import Office, Scope


@require_GET
def directory(request: HttpRequest) -> HttpResponse:
    wanted = forms.Filters(request.GET).wanted()
    page = pages.directory(request.viewer, on=timezone.localdate(), **wanted)
    return screen(request, "people/directory.html", page, fragment="people/_people.html")


@require_GET
def org_chart(request: HttpRequest) -> HttpResponse:
    given = request.GET.get("open", "")
    open_id = key_in(given)
    if not given:  # everybody begins where they stand
        open_id = request.viewer.person_id
    page = pages.org_chart(request.viewer, on=timezone.localdate(), open_id=open_id)
    return screen(request, "people/org_chart.html", page, fragment="people/_opened.html")


@require_GET
def find_people(request: HttpRequest) -> HttpResponse:
    """Suggestions for a field that takes a colleague's address; the field may have any name."""
    given = (request.GET.get(name) for name in ("q", "manager", "person"))
    query = next((words for words in given if words), "")[:80]
    found = pages.find_people(request.viewer, query=query, on=timezone.localdate())
    return render(request, "people/find_people.html", {"page": found})


@require_GET
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    page = pages.person(request.viewer, person_id=person_id, on=timezone.localdate())
    return render(request, "people/person.html", {"page": page})


def _person_form(request: HttpRequest, page: pages.EditPerson) -> forms.PersonForm:
    find = partial(pages.person_by_address, request.viewer, on=timezone.localdate())
    data = request.POST if request.method == "POST" else None
    return forms.PersonForm(data, page=page, find_person=find)


@require_http_methods(["GET", "POST"])
def create_person(request: HttpRequest) -> HttpResponse:
    page = pages.create_person(request.viewer)
    form = _person_form(request, page)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_person(form.facts(), by=request.viewer, now=timezone.now())
        except StaleState:
            form.add_error("email", _("Somebody else has this address or number."))
        else:
            messages.success(request, _("%(name)s is entered.") % {"name": made.name})
            return redirect("people:person", person_id=made.pk)
    return _form_page(request, page, form)


@require_http_methods(["GET", "POST"])
def edit_person(request: HttpRequest, person_id: int) -> HttpResponse:
    page = pages.edit_person(request.viewer, person_id=person_id, on=timezone.localdate())
    assert page.person is not None  # noqa: S101  edit_person finds one or is 404
    form = _person_form(request, page)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_person(page.person, form.facts(), by=request.viewer, now=timezone.now())
        except Loop:
            manager = form.cleaned_data["manager"]
            words = {"manager": manager.name, "person": page.person.name}
            form.add_error("manager", _("%(manager)s already reports to %(person)s.") % words)
        except (StaleState, actions.AddressTaken):
            form.add_error("email", _("Somebody else has this address or number."))
        else:
            messages.success(request, _("Saved."))
            return redirect("people:person", person_id=person_id)
    return _form_page(request, page, form)


def _form_page(
    request: HttpRequest, page: pages.EditPerson, form: forms.PersonForm
) -> HttpResponse:
    left_on = page.person.left_on if page.person else None
    context = {"page": page, "form": form, "leave": forms.Leave(initial={"left_on": left_on})}
    if page.person:
        initial = {name: getattr(page.person, name) for name in ("leave_from", "leave_until")}
        context["away"] = forms.PlanLeave(initial=initial)
    name = "people/edit_person.html" if page.person else "people/create_person.html"
    return render(request, name, context, status=422 if form.errors else 200)


@require_POST
def leave(request: HttpRequest, person_id: int) -> HttpResponse:
    page = pages.person(request.viewer, person_id=person_id, on=timezone.localdate())
    found = page.person
    if not page.may_leave:
        raise PermissionDenied(page.may_leave.reason)
    form = forms.Leave(request.POST)
    if form.is_valid():
        left_on = form.cleaned_data["left_on"]
        try:
            actions.leave(found, left_on, by=request.viewer, now=timezone.now())
            messages.success(request, _("Noted. From that day on they cannot sign in."))
        except ValueError:
            messages.error(request, _("That day is before their first day here."))
    else:
        messages.error(request, _("Say which day is the first one after leaving."))
    return redirect("people:person", person_id=person_id)


@require_POST
def plan_leave(request: HttpRequest, person_id: int) -> HttpResponse:
    page = pages.person(request.viewer, person_id=person_id, on=timezone.localdate())
    if not page.may_plan_leave:
        raise PermissionDenied(page.may_plan_leave.reason)
    form = forms.PlanLeave(request.POST)
    if form.is_valid():
        actions.plan_leave(page.person, **form.cleaned_data, by=request.viewer, now=timezone.now())
        messages.success(request, _("Noted. A cycle that runs proposes what to do."))
    else:
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
    return redirect("people:person", person_id=person_id)


@require_POST
def return_to_work(request: HttpRequest, person_id: int) -> HttpResponse:
    found = pages.readable_person(request.viewer, person_id=person_id, on=timezone.localdate())
    actions.return_to_work(found, by=request.viewer, now=timezone.now())
    return redirect("people:person", person_id=person_id)


@require_POST
def open_account(request: HttpRequest, person_id: int) -> HttpResponse:
    found = pages.readable_person(request.viewer, person_id=person_id, on=timezone.localdate())
    actions.open_account(found, by=request.viewer, now=timezone.now())
    return redirect("people:person", person_id=person_id)


def _office(name: str) -> Office:
    try:
        return Office(name)
    except ValueError as unknown:
        raise Http404 from unknown


@require_POST
def grant_office(request: HttpRequest, person_id: int, office: str) -> HttpResponse:
    found = pages.readable_person(request.viewer, person_id=person_id, on=timezone.localdate())
    actions.grant_office(found, _office(office), by=request.viewer, now=timezone.now())
    return redirect("people:person", person_id=person_id)


@require_POST
def revoke_office(request: HttpRequest, person_id: int, office: str) -> HttpResponse:
    found = pages.readable_person(request.viewer, person_id=person_id, on=timezone.localdate())
    actions.revoke_office(found, _office(office), by=request.viewer, now=timezone.now())
    return redirect("people:person", person_id=person_id)


# ---- one's own account ----


def _my_account(request: HttpRequest, zone: forms.TimeZone | None = None) -> HttpResponse:
    page = pages.my_account(request.viewer, now=timezone.now())
    time_zone = page.person.time_zone if page.person else "UTC"
    context = {"page": page, "zone": zone or forms.TimeZone(initial={"time_zone": time_zone})}
    return render(request, "people/my_account.html", context, status=422 if zone else 200)


@require_GET
def my_account(request: HttpRequest) -> HttpResponse:
    return _my_account(request)


@require_POST
def choose_time_zone(request: HttpRequest) -> HttpResponse:
    form = forms.TimeZone(request.POST)
    me = pages.own_person(request.viewer)
    if not form.is_valid():
        return _my_account(request, form)
    actions.choose_time_zone(
        me, form.cleaned_data["time_zone"], by=request.viewer, now=timezone.now()
    )
    messages.success(request, _("Saved."))
    return redirect("people:my_account")


@require_http_methods(["GET", "POST"])
def issue_token(request: HttpRequest) -> HttpResponse:
    """A key lives longer than a session, so the page asks who is sitting here.

    allauth would call this view again by itself, past our middleware, with the form it kept; a
    form that comes too late is therefore shown anew instead.
    """
    try:
        return _issue_token(request)
    except ReauthenticationRequired:
        if request.method == "GET":
            raise
        return redirect("people:issue_token")


@reauthentication_required
def _issue_token(request: HttpRequest) -> HttpResponse:
    me = pages.own_person(request.viewer)
    form = forms.NewToken(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            _token, key = actions.issue_token(
                me,
                name=given["name"],
                scope=Scope(given["scope"]),
                days=given["days"],
                by=request.viewer,
                now=timezone.now(),
            )
        except actions.TooMany:
            form.add_error("name", _("You have as many keys as one person may. Revoke one first."))
        else:
            # Shown in this answer and never again, so there is nowhere to redirect to.
            return render(request, "people/issue_token.html", {"key": key})
    status = 422 if form.errors else 200
    return render(request, "people/issue_token.html", {"form": form}, status=status)


@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    token = pages.own_token(request.viewer, token_id=token_id)
    actions.revoke_token(token, by=request.viewer, now=timezone.now())
    messages.success(request, _("This key opens nothing any more."))
    return redirect("people:my_account")


# ---- files ----


def _import_people(
    request: HttpRequest, form: forms.PeopleFile | None = None, status: int = 200
) -> HttpResponse:
    page = pages.import_people(request.viewer, on=timezone.localdate())
    context = {"page": page, "form": form or forms.PeopleFile()}
    return render(request, "people/import_people.html", context, status=status)


@require_GET
def import_people(request: HttpRequest) -> HttpResponse:
    return _import_people(request)


@require_POST
def stage_import(request: HttpRequest) -> HttpResponse:
    form = forms.PeopleFile(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            actions.stage_import(
                file.read(),
                name=file.name,
                with_accounts=form.cleaned_data["with_accounts"],
                by=request.viewer,
                now=timezone.now(),
            )
        except Refused as refused:
            for problem in refused.problems:
                form.add_error("file", str(problem))
        else:
            return redirect("people:import_people")
    return _import_people(request, form, 422)


@require_POST
def confirm_import(request: HttpRequest) -> HttpResponse:
    staged = pages.staged_import(request.viewer)
    try:
        found = actions.confirm_import(
            staged, seen=request.POST.get("seen", ""), by=request.viewer, now=timezone.now()
        )
    except StaleState:
        messages.warning(
            request, _("People were changed meanwhile, or the file lay too long. Look once more.")
        )
        return redirect("people:import_people")
    except Refused:
        return redirect("people:import_people")
    messages.success(
        request,
        _("%(created)d entered, %(changed)d changed.")
        % {"created": len(found.created), "changed": len(found.changed)},
    )
    return redirect("people:directory")


@require_POST
def discard_import(request: HttpRequest) -> HttpResponse:
    actions.discard_import(by=request.viewer)
    return redirect("people:import_people")
