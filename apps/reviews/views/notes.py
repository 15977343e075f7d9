"""Evidence notes over HTTP. Whatever was typed comes back with the answer, whatever the answer is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.htmx import screen, wants_fragment
from apps.core.keys import key_in
from apps.reviews.actions import notes as deeds
from apps.reviews.forms.notes import NoteFilters, NoteForm
from apps.reviews.pages import notes as pages
from apps.reviews.rules.phases import Hindered


@require_GET
def notes(request: HttpRequest) -> HttpResponse:
    page = pages.notes(request.viewer, wanted=NoteFilters(request.GET).wanted())
    return screen(request, "reviews/notes.html", page, fragment="reviews/_notes.html")


@require_http_methods(["GET", "HEAD", "POST"])
def add_note(request: HttpRequest) -> HttpResponse:
    given = (request.POST if request.method == "POST" else request.GET).get("about", "")
    about_id = key_in(given)
    if request.method != "POST":
        page = pages.add_note(request.viewer, about_id=about_id)
        whole = "reviews/_note_beside.html" if wants_fragment(request) else "reviews/note.html"
        form = NoteForm(page=page, on=timezone.localdate())
        return render(request, whole, {"page": page, "form": form})
    moved = False
    try:
        page = pages.add_note(request.viewer, about_id=about_id)
    except Http404:  # they reported to this viewer when the form was opened, or never did
        page, moved = pages.add_note(request.viewer), True
    form = NoteForm(request.POST, page=page, on=timezone.localdate())
    if moved:
        form.add_error(
            None, _("You keep notes about yourself and your reports. Choose whom this is about.")
        )
    elif form.is_valid():
        try:
            deeds.add_note(
                page.about,
                form.plan(),
                share=form.cleaned_data["share"],
                by=request.viewer,
                now=timezone.now(),
            )
        except Hindered as hindered:
            form.add_error(None, str(hindered))
        else:
            messages.success(request, _said(page, shared=form.cleaned_data["share"]))
            if "another" in request.POST:
                return redirect(f"{request.path}?about={page.about.pk}")
            return _to_list(page)
    return render(request, "reviews/note.html", {"page": page, "form": form}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, note_id: int) -> HttpResponse:
    page = pages.note(request.viewer, note_id=note_id)
    typed = request.POST if request.method == "POST" else None
    form = NoteForm(typed, page=page, on=timezone.localdate())
    context: dict[str, Any] = {"page": page, "form": form}
    status = 200
    if page.note is not None and typed is not None:
        status = 422
        if form.is_valid():
            now = timezone.now()
            try:
                deeds.edit_note(page.note, form.plan(), seen=form.seen, by=request.viewer, now=now)
            except deeds.NoteChanged as changed:
                context["standing"], status = changed.note, 409
            except Hindered as hindered:
                form.add_error(None, str(hindered))
                status = 409
            else:
                messages.success(request, _("The note is kept."))
                return _to_list(page)
    return render(request, "reviews/note.html", context, status=status)


def _said(page: pages.NotePage, *, shared: bool) -> str:
    if shared:
        return _("Kept. You and %(name)s read it.") % {"name": page.reader}
    return _("Kept. Only you read it.")


def _to_list(page: pages.NotePage) -> HttpResponse:
    response = redirect("reviews:notes")
    if not page.is_about_me:
        response["Location"] += f"?of={pages.PEOPLE}&person={page.about.pk}"
    return response


def _press(request: HttpRequest, note_id: int, deed: Callable[..., Any], said: str) -> HttpResponse:
    page = pages.note(request.viewer, note_id=note_id)
    try:
        deed(page.note, by=request.viewer, now=timezone.now())
    except Hindered as hindered:
        messages.error(request, str(hindered))
    else:
        messages.success(request, said % {"name": page.reader})
    return _to_list(page)


@require_POST
def share_note(request: HttpRequest, note_id: int) -> HttpResponse:
    return _press(request, note_id, deeds.share_note, _("Shared with %(name)s."))


@require_POST
def unshare_note(request: HttpRequest, note_id: int) -> HttpResponse:
    said = _("Taken back. Only you read it again.")
    return _press(request, note_id, deeds.unshare_note, said)


@require_POST
def delete_note(request: HttpRequest, note_id: int) -> HttpResponse:
    return _press(request, note_id, deeds.delete_note, _("The note is gone."))


@require_GET
def notes_file(request: HttpRequest, form: str) -> HttpResponse:
    name, content, kind = pages.notes_file(request.viewer, form=form)
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
