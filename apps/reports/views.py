"""HTTP in, HTTP out: build a page or call one action, then answer.

Limits, counted for each person: 30 small files an hour (a sheet, one packet), 5 of those that take
a job. Too many is 429 with Retry-After.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core.htmx import screen
from apps.core.limits import spend
from apps.reports import actions, pages
from apps.reports.states import FileForm

HOUR = 3600
SMALL_FILES, JOBS = 30, 5
PDF_TYPE, ZIP_TYPE = "application/pdf", "application/zip"


@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    page = pages.reports(request.viewer)
    return screen(request, "reports/reports.html", page)


def _completion(request: HttpRequest, cycle_id: int) -> pages.Completion:
    return pages.completion(
        request.viewer,
        cycle_id=cycle_id,
        by=request.GET.get("by", ""),
        department=request.GET.get("department", ""),
        page=request.GET.get("page", "1"),
    )


@require_GET
def completion(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = _completion(request, cycle_id)
    return screen(request, "reports/completion.html", page, fragment="reports/_completion.html")


@require_GET
def completion_file(request: HttpRequest, cycle_id: int, form: str) -> HttpResponse:
    _known(form)
    page = _completion(request, cycle_id)
    return _sheet(request, page, form, "export_completion")


def _distribution(request: HttpRequest, cycle_id: int) -> pages.Distribution:
    return pages.distribution(
        request.viewer,
        cycle_id=cycle_id,
        ratings=request.GET.get("ratings", ""),
        department=request.GET.get("department", ""),
    )


@require_GET
def distribution(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = _distribution(request, cycle_id)
    return screen(request, "reports/distribution.html", page, fragment="reports/_distribution.html")


@require_GET
def distribution_file(request: HttpRequest, cycle_id: int, form: str) -> HttpResponse:
    _known(form)
    page = _distribution(request, cycle_id)
    return _sheet(request, page, form, "export_distribution")


def _known(form: str) -> None:
    if form not in FileForm.values:
        raise Http404


def _sheet(
    request: HttpRequest, page: pages.Completion | pages.Distribution, form: str, verb: str
) -> HttpResponse:
    spend("export", request.viewer.person_id, times=SMALL_FILES, seconds=HOUR)
    made = pages.sheet_file(page.sheet, form)
    actions.note_download(
        page.cycle, verb=verb, form=form, rows=made.rows, by=request.viewer, now=timezone.now()
    )
    return _attachment(made.content, made.name, made.content_type)


def _attachment(content: bytes, name: str, content_type: str) -> HttpResponse:
    # The name is made of letters, digits and hyphens only, so it needs no quoting rules.
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": disposition}
    )


@require_GET
def packet_file(request: HttpRequest, participant_id: int) -> HttpResponse:
    packet = pages.released_packet(request.viewer, participant_id=participant_id)
    spend("export", request.viewer.person_id, times=SMALL_FILES, seconds=HOUR)
    now = timezone.now()
    made = pages.packet_file(request.viewer, packet, now=now)
    actions.note_download(
        packet, verb="export_packet", form="pdf", rows=1, by=request.viewer, now=now
    )
    return _attachment(made.content, made.name, PDF_TYPE)


@require_GET
def packet_exports(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.packet_exports(request.viewer, cycle_id=cycle_id)
    return screen(request, "reports/packet_exports.html", page, fragment="reports/_exports.html")


@require_POST
def request_export(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.packet_exports(request.viewer, cycle_id=cycle_id)
    chosen = request.POST.get("wave", "")
    wave = next((w.released_at for w in page.waves if w.value == chosen), None)
    if chosen and wave is None:
        raise Http404
    spend("big_export", request.viewer.person_id, times=JOBS, seconds=HOUR)
    try:
        actions.request_export(page.cycle, wave=wave, by=request.viewer, now=timezone.now())
    except actions.NothingToExport:
        messages.error(request, _("There is no released packet for you here."))
    return redirect("reports:packet_exports", cycle_id=cycle_id)


@require_GET
def bundles(request: HttpRequest) -> HttpResponse:
    page = pages.bundles(request.viewer)
    return screen(request, "reports/bundles.html", page, fragment="reports/_bundles.html")


@require_POST
def request_bundle(request: HttpRequest) -> HttpResponse:
    pages.bundles(request.viewer)  # an account without a person finds nothing here
    spend("big_export", request.viewer.person_id, times=JOBS, seconds=HOUR)
    actions.request_bundle(by=request.viewer, now=timezone.now())
    return redirect("reports:bundles")


@require_GET
def export_file(request: HttpRequest, export_id: int) -> HttpResponseBase:
    export = pages.export_file(request.viewer, export_id=export_id)
    spend("export", request.viewer.person_id, times=SMALL_FILES, seconds=HOUR)
    try:
        opened = export.file.open("rb")
    except FileNotFoundError as gone:
        raise Http404 from gone
    actions.note_download(
        export,
        verb="fetch_export",
        form="zip",
        rows=export.rows,
        by=request.viewer,
        now=timezone.now(),
    )
    name = "everything-about-you.zip" if export.is_bundle else f"packets-{export.pk}.zip"
    return FileResponse(opened, as_attachment=True, filename=name, content_type=ZIP_TYPE)


@require_POST
def drop_export(request: HttpRequest, export_id: int) -> HttpResponse:
    export = pages.export(request.viewer, export_id=export_id)
    actions.drop_export(export, by=request.viewer, now=timezone.now())
    if export.cycle_id is None:
        return redirect("reports:bundles")
    return redirect("reports:packet_exports", cycle_id=export.cycle_id)
