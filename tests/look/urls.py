"""The few addresses that the frame of every page asks for."""

from django.urls import include, path

urlpatterns = [path("accounts/", include("allauth.urls"))]
