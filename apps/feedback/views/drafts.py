"""A draft's doors: saving by itself, and its earlier versions."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core.limits import TooMany, spend_if_counted
from apps.core.workflow import StaleState
from apps.feedback import actions, forms, pages
from apps.feedback.models import FeedbackDraft
from apps.feedback.rules import Conflict, UnreadableFeedback, cleaned
from apps.feedback.views.giving import FORM, unreadable_words

# Counted over ten seconds: a page that is left saves at once what was typed last, and must not be
# told to come back later. PRIVACY: by the request alone, which every giver has one of.
A_SAVE_A_SECOND = {"times": 10, "seconds": 10}


# A page that was left open must learn that the session is over; a redirect would answer with a form.
@login_not_required
@require_POST
def save_feedback_draft(request: HttpRequest, request_id: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return _said(401, _("You are signed out. Your text is still here; sign in again."))
    seen = forms.revision_in(request.headers.get("If-Match", ""))
    if seen is None:
        return _said(428, _("Load the page again, then send once more."))
    try:
        page = pages.give_feedback(request.viewer, request_id=request_id)
        if request.content_type != FORM:
            raise forms.Malformed("content type")
        spend_if_counted("feedback", request_id, **A_SAVE_A_SECOND)
        saved = actions.save_feedback_draft(
            page.request,
            changes=cleaned(
                forms.autosaved_fields(request.body),
                fields=page.fields,
                points=page.point_values,
            ),
            seen=seen,
            key=forms.key_in(request.headers.get("Idempotency-Key", "")),
            by=request.viewer,
            now=timezone.now(),
        )
    except Http404:
        return _said(404, _("There is nothing here, or it is not yours to write."))
    except forms.Malformed:
        return _said(400, _("The page sent something we cannot read. Load it again."))
    except UnreadableFeedback as refused:
        status = 413 if refused.why == "too_long" else 400
        return _said(status, unreadable_words(refused), field=refused.name)
    except Conflict as conflict:
        return JsonResponse({"revision": conflict.revision, "theirs": conflict.theirs}, status=409)
    except TooMany as pause:
        return _wait(_("That was fast. It is saved in a moment."), pause.retry_after)
    except StaleState:
        return _wait(_("Others are saving at this moment. It is tried again."), 1)
    if saved.phase_is_over:
        words = _("It is closed now. Your text is kept, but it cannot be sent any more.")
        return _said(409, words, code="closed", revision=saved.revision, theirs={})
    return JsonResponse(
        {
            "revision": saved.revision,
            "saved_at": saved.saved_at.isoformat(),
            "saved": date_format(timezone.localtime(saved.saved_at), "H:i"),
        }
    )


@require_GET
def feedback_versions(request: HttpRequest, request_id: int) -> HttpResponse:
    page = pages.feedback_versions(request.viewer, request_id=request_id)
    return render(request, "feedback/feedback_versions.html", {"page": page})


@require_POST
def restore_feedback_draft(request: HttpRequest, request_id: int, revision: int) -> HttpResponse:
    page = pages.give_feedback(request.viewer, request_id=request_id)
    try:
        actions.restore_feedback_draft(
            page.request, revision=revision, by=request.viewer, now=timezone.now()
        )
    except FeedbackDraft.DoesNotExist as hidden:
        raise Http404 from hidden
    messages.success(request, _("Restored. What stood before is still among the versions."))
    return redirect("feedback:give_feedback", request_id=request_id)


def _wait(message: str, seconds: int) -> JsonResponse:
    response = _said(429, message)
    response["Retry-After"] = str(seconds)
    return response


def _said(status: int, message: str, **more: object) -> JsonResponse:
    return JsonResponse({"message": message, **more}, status=status)
