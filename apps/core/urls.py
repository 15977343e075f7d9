from django.urls import path

from apps.core import probes, staying

urlpatterns = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("session/", staying.sign_in_state, name="sign_in_state"),
    path("session/stay/", staying.stay_signed_in, name="stay_signed_in"),
]
