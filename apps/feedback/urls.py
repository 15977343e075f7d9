from django.urls import path

from apps.feedback import views

app_name = "feedback"
urlpatterns = [
    path("", views.my_feedback, name="my_feedback"),
    path("peers/<int:participant_id>/", views.nominate, name="nominate"),
    path("peers/<int:participant_id>/find/", views.find_peers, name="find_peers"),
    path("peers/<int:participant_id>/propose/", views.propose_peers, name="propose_peers"),
    path("approve/<int:participant_id>/", views.approve_peers, name="approve_peers"),
    path("approve/<int:participant_id>/all/", views.approve_all, name="approve_all"),
    path("approve/<int:participant_id>/add/", views.add_request, name="add_request"),
    path(
        "approve/<int:participant_id>/enough/", views.accept_fewer_peers, name="accept_fewer_peers"
    ),
    path("requests/<int:request_id>/approve/", views.approve_request, name="approve_request"),
    path("requests/<int:request_id>/turn-down/", views.turn_down_request, name="turn_down_request"),
    path("requests/<int:request_id>/replace/", views.replace_request, name="replace_request"),
    path("requests/<int:request_id>/", views.give_feedback, name="give_feedback"),
    path("requests/<int:request_id>/draft/", views.save_feedback_draft, name="save_feedback_draft"),
    path("requests/<int:request_id>/keep/", views.keep_feedback, name="keep_feedback"),
    path("requests/<int:request_id>/versions/", views.feedback_versions, name="feedback_versions"),
    path(
        "requests/<int:request_id>/versions/<int:revision>/restore/",
        views.restore_feedback_draft,
        name="restore_feedback_draft",
    ),
    path("requests/<int:request_id>/send/", views.send_feedback, name="send_feedback"),
    path("requests/<int:request_id>/decline/", views.decline_request, name="decline_request"),
    path("received/<int:participant_id>/", views.received_feedback, name="received_feedback"),
    path(
        "received/<int:participant_id>/report/<slug:key>/",
        views.raise_concern,
        name="raise_concern",
    ),
    path("concerns/", views.concerns, name="concerns"),
    path("concerns/<uuid:concern_token>/", views.concern, name="concern"),
    path("concerns/<uuid:concern_token>/hide/", views.hide_text, name="hide_text"),
    path("concerns/<uuid:concern_token>/leave/", views.leave_text, name="leave_text"),
    path(
        "concerns/<uuid:concern_token>/show-again/", views.show_text_again, name="show_text_again"
    ),
    path("concerns/<uuid:concern_token>/name/", views.ask_for_name, name="ask_for_name"),
    path(
        "names/<uuid:disclosure_token>/agree/",
        views.agree_to_disclosure,
        name="agree_to_disclosure",
    ),
    path(
        "names/<uuid:disclosure_token>/refuse/", views.refuse_disclosure, name="refuse_disclosure"
    ),
    path("names/<uuid:disclosure_token>/open/", views.open_name, name="open_name"),
    path("balance/<int:cycle_id>/", views.balance, name="balance"),
    path("balance/<int:cycle_id>/propose/", views.propose_balance, name="propose_balance"),
    path("balance/<int:cycle_id>/accept/", views.balance_requests, name="balance_requests"),
    path("cycles/<int:cycle_id>/", views.perspectives, name="perspectives"),
    path("cycles/<int:cycle_id>/check/", views.readiness, name="readiness"),
    path("cycles/<int:cycle_id>/repeat/", views.repeat_perspectives, name="repeat_perspectives"),
    path(
        "cycles/<int:cycle_id>/<slug:kind>/",
        views.configure_perspective,
        name="configure_perspective",
    ),
    path("thanks/", views.unasked_feedback, name="unasked_feedback"),
    path("thanks/to/", views.find_receiver, name="find_receiver"),
    path("thanks/to/<int:person_id>/", views.give_unasked, name="give_unasked"),
    path("thanks/<int:unasked_id>/withdraw/", views.withdraw_unasked, name="withdraw_unasked"),
    path("thanks/<int:unasked_id>/keep/", views.keep_unasked, name="keep_unasked"),
    path("limits/<int:perspective_id>/", views.change_limits, name="change_limits"),
    path("raise/<int:perspective_id>/", views.raise_threshold, name="raise_threshold"),
]
