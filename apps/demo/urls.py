from django.urls import path

from apps.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.people, name="people"),
    path("<int:person_id>/", views.become, name="become"),
]
