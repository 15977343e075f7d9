from django.urls import path

from apps.inbox import views

app_name = "inbox"
urlpatterns = [
    path("", views.home, name="home"),
    path("mail/", views.mail_log, name="mail_log"),
    path("mail/<uuid:message_id>/hold/", views.hold_message, name="hold_message"),
    path("mail/<uuid:message_id>/resend/", views.resend_message, name="resend_message"),
    path("inbox/cycles/<int:cycle_id>/remind/", views.remind_now, name="remind_now"),
    path("inbox/cycles/<int:cycle_id>/rehearsal/", views.rehearsal, name="rehearsal"),
    path(
        "inbox/cycles/<int:cycle_id>/rehearsal/mails.csv",
        views.rehearsed_mails,
        name="rehearsed_mails",
    ),
    path(
        "inbox/cycles/<int:cycle_id>/rehearsal/people/<int:person_id>/",
        views.rehearsed_person,
        name="rehearsed_person",
    ),
]
