"""HTTP in and out of ladders: build one page, or call one action."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from apps.core.htmx import screen
from apps.core.keys import keys_in
from apps.core.workflow import StaleState
from apps.ladders import actions, forms, pages
from apps.ladders.models import StagedFile
from apps.ladders.rules import Reading, ReadingProfile, Refused


def _own_level_id(request: HttpRequest) -> int | None:
    """Ladders know no person; the account of the request brings the level along."""
    person = getattr(request.user, "person", None)
    return getattr(person, "level_id", None)


@require_GET
def ladders(request: HttpRequest) -> HttpResponse:
    page = pages.ladders(request.viewer, own_level_id=_own_level_id(request))
    return render(request, "ladders/ladders.html", {"page": page})


@require_GET
def ladder(request: HttpRequest, ladder_id: int) -> HttpResponse:
    page = pages.ladder(
        request.viewer,
        ladder_id=ladder_id,
        number=forms.Asked(request.GET).number("version"),
        track=request.GET.get("track", ""),
        own_level_id=_own_level_id(request),
    )
    return screen(request, "ladders/ladder.html", page, fragment="ladders/_matrix.html")


@require_GET
def level(request: HttpRequest, level_id: int) -> HttpResponse:
    chosen = keys_in(request.GET.getlist("mixin")[:20])
    page = pages.level(
        request.viewer,
        level_id=level_id,
        mixin_ids=chosen,
        own_level_id=_own_level_id(request),
    )
    return screen(request, "ladders/level.html", page, fragment="ladders/_expected.html")


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    asked = forms.Asked(request.GET)
    page = pages.compare(
        request.viewer, first_id=asked.number("first"), second_id=asked.number("second")
    )
    return screen(request, "ladders/compare.html", page, fragment="ladders/_separations.html")


@require_GET
def role_profile(request: HttpRequest, profile_id: int) -> HttpResponse:
    page = pages.role_profile(request.viewer, profile_id=profile_id)
    return render(request, "ladders/role_profile.html", {"page": page})


@require_GET
def version(request: HttpRequest, version_id: int) -> HttpResponse:
    page = pages.version(request.viewer, version_id=version_id)
    return render(request, "ladders/version.html", {"page": page, "forms": pages.FORMS})


def _file(found: pages.Export) -> HttpResponse:
    response = HttpResponse(found.content, content_type=found.content_type)
    disposition = content_disposition_header(as_attachment=True, filename=found.name)
    response["Content-Disposition"] = disposition or "attachment"
    return response


@require_GET
def export(request: HttpRequest, version_id: int, form: str) -> HttpResponse:
    return _file(pages.export(request.viewer, version_id=version_id, form=form))


@require_GET
def source_file(request: HttpRequest, version_id: int, source_id: int) -> HttpResponse:
    return _file(pages.source_file(request.viewer, version_id=version_id, source_id=source_id))


@require_POST
def publish_version(request: HttpRequest, version_id: int) -> HttpResponse:
    found = pages.readable_version(request.viewer, version_id=version_id)
    try:
        actions.publish_version(found, by=request.viewer, now=timezone.now())
        messages.success(request, _("Published. Everybody can read it now."))
    except StaleState:
        messages.error(request, _("Somebody else has published or dropped it meanwhile."))
    return redirect("ladders:ladder", ladder_id=found.ladder_id)


@require_POST
def discard_draft(request: HttpRequest, version_id: int) -> HttpResponse:
    found = pages.readable_version(request.viewer, version_id=version_id)
    try:
        actions.discard_draft(found, by=request.viewer, now=timezone.now())
        messages.success(request, _("The draft is gone."))
    except StaleState:
        messages.error(
            request, _("It is no draft any more, or somebody stands on one of its levels.")
        )
    return redirect("ladders:ladders")


def _documents(staged: Sequence[StagedFile]) -> list[actions.Document]:
    return [actions.Document(each.name, bytes(each.content)) for each in staged]


def _read(
    request: HttpRequest, staged: Sequence[StagedFile], wishes: ReadingProfile
) -> list[Reading]:
    if len(staged) > 1:
        wishes = wishes.model_copy(update={"title": ""})  # one title cannot name several
    return actions.readings_of(_documents(staged), profile=wishes, known_files=pages.known_files())


@require_GET
def import_ladder(request: HttpRequest) -> HttpResponse:
    """The form, and once files are here, what they would become."""
    pages.import_ladder(request.viewer)  # refuses anybody but HR before a file is read
    staged = pages.staged_documents(request.viewer)
    choices = forms.Choices(request.GET)
    refused, readings = "", list[Reading]()
    try:
        readings = _read(request, staged, choices.wishes()) if staged else []
    except Refused as no:
        refused = str(no)
    page = pages.import_ladder(request.viewer, readings=readings, staged=staged)
    context = {"page": page, "form": forms.Files(), "choices": choices, "refused": refused}
    return render(request, "ladders/import_ladder.html", context)


@require_POST
def stage_files(request: HttpRequest) -> HttpResponse:
    page = pages.import_ladder(request.viewer)
    form = forms.Files(request.POST, request.FILES)
    if form.is_valid():
        try:
            found = [
                actions.Document(file.name, file.read()) for file in form.cleaned_data["documents"]
            ]
            actions.stage_files(found, by=request.viewer, now=timezone.now())
        except Refused as no:
            form.add_error("documents", str(no))
        else:
            return redirect("ladders:import_ladder")
    context = {"page": page, "form": form, "choices": forms.Choices(), "refused": ""}
    return render(request, "ladders/import_ladder.html", context, status=422)


@require_POST
def confirm_files(request: HttpRequest) -> HttpResponse:
    pages.import_ladder(request.viewer)
    staged = pages.staged_documents(request.viewer)
    if not staged:
        messages.error(
            request, _("The files are gone: they lay for more than an hour. Choose them again.")
        )
        return redirect("ladders:import_ladder")
    try:
        readings = _read(request, staged, forms.Choices(request.POST).wishes())
        done = actions.import_ladders(
            list(zip(readings, _documents(staged), strict=True)),
            by=request.viewer,
            now=timezone.now(),
        )
    except Refused as no:
        messages.error(request, str(no))
        return redirect("ladders:import_ladder")
    actions.forget_files(by=request.viewer, now=timezone.now())
    same = sum(each.unchanged for each in done)
    if made := len(done) - same:
        words = ngettext("%(n)s draft is made.", "%(n)s drafts are made.", made)
        messages.success(request, words % {"n": made})
    if same:
        words = ngettext(
            "%(n)s document says what its ladder says already.",
            "%(n)s documents say what their ladders say already.",
            same,
        )
        messages.info(request, words % {"n": same})
    if len(done) == 1:
        return redirect("ladders:version", version_id=done[0].version.pk)
    return redirect("ladders:ladders")


@require_POST
def forget_files(request: HttpRequest) -> HttpResponse:
    pages.import_ladder(request.viewer)
    actions.forget_files(by=request.viewer, now=timezone.now())
    return redirect("ladders:import_ladder")
