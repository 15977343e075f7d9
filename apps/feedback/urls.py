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
    path("requests/<int:request_id>/approve/", views.approve_request, name="approve_request"),
    path("requests/<int:request_id>/turn-down/", views.turn_down_request, name="turn_down_request"),
    path("requests/<int:request_id>/", views.give_feedback, name="give_feedback"),
    path("requests/<int:request_id>/draft/", views.save_feedback_draft, name="save_feedback_draft"),
    path("requests/<int:request_id>/keep/", views.keep_feedback, name="keep_feedback"),
    path("requests/<int:request_id>/send/", views.send_feedback, name="send_feedback"),
    path("requests/<int:request_id>/decline/", views.decline_request, name="decline_request"),
    path("received/<int:participant_id>/", views.received_feedback, name="received_feedback"),
    path("cycles/<int:cycle_id>/", views.perspectives, name="perspectives"),
    path(
        "cycles/<int:cycle_id>/<slug:kind>/",
        views.configure_perspective,
        name="configure_perspective",
    ),
    path("raise/<int:perspective_id>/", views.raise_threshold, name="raise_threshold"),
]
