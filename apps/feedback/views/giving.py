"""Giving feedback: the form, keeping it without scripts, sending and declining."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_POST

from apps.core.errors import refuse
from apps.core.workflow import StaleState
from apps.feedback import actions, forms, pages
from apps.feedback.rules import Conflict, Incomplete, UnreadableFeedback, cleaned
from apps.feedback.states import DeclineReason

FORM = "application/x-www-form-urlencoded"
CLOSED_WORDS = _lazy("It was closed meanwhile. What you typed is kept below; it was not sent.")


@require_GET
def give_feedback(request: HttpRequest, request_id: int) -> HttpResponse:
    return _with_decline(
        request, pages.give_feedback(request.viewer, request_id=request_id), status=200
    )


@require_POST
def keep_feedback(request: HttpRequest, request_id: int) -> HttpResponse:
    """The same without scripts: the whole form, then the page again."""
    page = pages.give_feedback(request.viewer, request_id=request_id)
    seen = forms.revision_in(request.POST.get("revision", ""))
    if seen is None:
        return refuse(request, 428)
    refused = _keep_form(request, page, _typed(request, page), seen)
    if refused is not None:
        return refused
    if page.may_write:
        messages.success(request, _("Saved. Nobody but you reads it until you send it."))
    else:
        messages.warning(request, CLOSED_WORDS)
    return redirect("feedback:give_feedback", request_id=request_id)


@require_POST
def send_feedback(request: HttpRequest, request_id: int) -> HttpResponse:
    page = pages.give_feedback(request.viewer, request_id=request_id)
    seen = forms.revision_in(request.POST.get("revision", ""))
    if seen is None:
        return refuse(request, 428)
    typed = _typed(request, page)
    try:
        clean = cleaned(typed, fields=page.fields, points=page.point_values)
        actions.send_feedback(
            page.request,
            values=clean,
            question_ids=page.question_ids,
            competency_ids=page.competency_ids,
            seen=seen,
            draft=page.draft,
            by=request.viewer,
            now=timezone.now(),
        )
    except UnreadableFeedback as refused:
        return _form_again(request, page, typed, 422, refused=refused)
    except Incomplete:
        # What was typed is kept all the same; two forms that were sent at once meet there too.
        kept = _keep_form(request, page, typed, seen)
        return kept or _form_again(request, page, typed, 422, tried_to_send=True)
    except Conflict as conflict:
        return _form_again(request, page, typed, 409, theirs=conflict.theirs)
    except (StaleState, PermissionDenied):
        again = pages.give_feedback(request.viewer, request_id=request_id)
        # A second click finds it sent: the first one did it. A change that comes too late does not.
        if page.was_sent or not again.was_sent:
            return _too_late(request, again, typed, seen)
    messages.success(request, _("Sent. Thank you for taking the time."))
    return redirect("feedback:my_feedback")


@require_POST
def decline_request(request: HttpRequest, request_id: int) -> HttpResponse:
    page = pages.give_feedback(request.viewer, request_id=request_id)
    form = forms.DeclineRequest(request.POST, anonymous=page.is_anonymous)
    if not form.is_valid():
        return _with_decline(request, page, status=422, form=form)
    actions.decline_request(
        page.request,
        code=form.cleaned_data.get("code", DeclineReason.OTHER),
        reason=form.cleaned_data.get("reason", ""),
        by=request.viewer,
        now=timezone.now(),
    )
    messages.success(request, _("Declined. You are not asked about this person again."))
    return redirect("feedback:my_feedback")


def _typed(request: HttpRequest, page: pages.GiveFeedback) -> dict[str, str]:
    """Every field of the form. Errors: SuspiciousOperation (400) for what is no text: Django would
    put another character in its place, and that is not what was typed."""
    if request.content_type == FORM:
        forms.require_text(request.body)
    return {name: request.POST.get(name, "") for name in page.fields}


def _keep_form(
    request: HttpRequest, page: pages.GiveFeedback, typed: dict[str, str], seen: int
) -> HttpResponse | None:
    """Keep a whole form as a draft; None when it is kept, else the page that says why not."""
    try:
        actions.save_feedback_draft(
            page.request,
            changes=cleaned(typed, fields=page.fields, points=page.point_values),
            seen=seen,
            key="",
            whole=True,
            by=request.viewer,
            now=timezone.now(),
        )
    except UnreadableFeedback as refused:
        return _form_again(request, page, typed, 422, refused=refused)
    except Conflict as conflict:
        return _form_again(request, page, typed, 409, theirs=conflict.theirs)
    return None


def _too_late(
    request: HttpRequest, page: pages.GiveFeedback, typed: dict[str, str], seen: int
) -> HttpResponse:
    """It closed while somebody wrote: what was typed is kept as a draft that was not sent. Where it
    may not be kept under a name any more, it stands once more on the page, to be copied."""
    try:
        kept = _keep_form(request, page, typed, seen)
    except PermissionDenied:
        return _form_again(request, page, typed, 409)
    if kept is None:
        messages.warning(request, CLOSED_WORDS)
    return kept or redirect("feedback:give_feedback", request_id=page.request.pk)


def _form_again(
    request: HttpRequest,
    page: pages.GiveFeedback,
    typed: dict[str, str],
    status: int,
    *,
    tried_to_send: bool = False,
    theirs: dict[str, str] | None = None,
    refused: UnreadableFeedback | None = None,
) -> HttpResponse:
    """The page with what was typed in its fields, and what stands in the way."""
    again = pages.give_feedback(
        request.viewer,
        request_id=page.request.pk,
        form=pages.FormAgain(
            typed,
            tried_to_send=tried_to_send,
            theirs=theirs or {},
            refused=refused.name if refused else "",
            problem=unreadable_words(refused) if refused else "",
        ),
    )
    return _with_decline(request, again, status=status)


def unreadable_words(refused: UnreadableFeedback) -> str:
    return {
        "too_long": _("This text is longer than 64 KB. Shorten it; it is still in the field."),
        "nul": _("The text holds a character that cannot be kept. Remove what was pasted last."),
        "surrogate": _("The text holds half a character. Remove what was pasted last."),
        "not_a_choice": _("This is not one of the choices."),
        "unknown": _("This form has no such field. Load the page again."),
    }[refused.why]


def _with_decline(
    request: HttpRequest,
    page: pages.GiveFeedback,
    *,
    status: int,
    form: forms.DeclineRequest | None = None,
) -> HttpResponse:
    form = form or forms.DeclineRequest(anonymous=page.is_anonymous)
    context = {"page": page, "decline": form}
    return render(request, "feedback/give_feedback.html", context, status=status)
