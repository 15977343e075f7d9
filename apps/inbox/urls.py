from django.urls import path

from apps.inbox import views

app_name = "inbox"
urlpatterns = [
    path("", views.home, name="home"),
    path("mail/", views.mail_log, name="mail_log"),
    path("mail/<int:message_id>/hold/", views.hold_message, name="hold_message"),
    path("mail/<int:message_id>/resend/", views.resend_message, name="resend_message"),
]
