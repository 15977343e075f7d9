from django.urls import path

from apps.calibration import views

app_name = "calibration"
urlpatterns = [
    path("", views.sessions, name="sessions"),
    path("new/<int:cycle_id>/", views.create_session, name="create_session"),
    path("<int:session_id>/", views.board, name="board"),
    path("<int:session_id>/edit/", views.edit_session, name="edit_session"),
    path("<int:session_id>/open/", views.open_session, name="open_session"),
    path("<int:session_id>/present/", views.mark_present, name="mark_present"),
    path("<int:session_id>/rest/", views.confirm_rest, name="confirm_rest"),
    path("<int:session_id>/lock/", views.lock_session, name="lock_session"),
    path("<int:session_id>/record/", views.record, name="record"),
    path("<int:session_id>/<int:item_id>/", views.board, name="item"),
    path("<int:session_id>/<int:item_id>/feedback/", views.item_feedback, name="item_feedback"),
    path("<int:session_id>/<int:item_id>/decide/", views.record_decision, name="record_decision"),
]
