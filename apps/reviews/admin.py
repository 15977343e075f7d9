"""Configuration only: the scales, and how cycles are set. PRIVACY: nothing that anybody wrote."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from apps.core.looking import LookOnlyAdmin
from apps.reviews.models import Cycle, CyclePhase, RatingScale, ScalePoint


class ScalePointInline(admin.TabularInline):
    model = ScalePoint
    extra = 0
    min_num, max_num = 3, 7
    validate_min = validate_max = True


@admin.register(RatingScale)
class RatingScaleAdmin(admin.ModelAdmin):
    """A scale may be changed until a cycle uses it: a point that moves would change what was said."""

    inlines = [ScalePointInline]
    search_fields = ["name"]

    def has_change_permission(self, request: HttpRequest, obj: RatingScale | None = None) -> bool:
        used = obj is not None and obj.cycles.exists()
        return super().has_change_permission(request, obj) and not used

    def has_delete_permission(self, request: HttpRequest, obj: RatingScale | None = None) -> bool:
        used = obj is not None and obj.cycles.exists()
        return super().has_delete_permission(request, obj) and not used


class CyclePhaseInline(admin.TabularInline):
    model = CyclePhase
    extra = 0
    can_delete = False
    readonly_fields = ["kind", "opens_on", "due_on"]

    def has_add_permission(self, request: HttpRequest, obj: Cycle | None = None) -> bool:
        return False


@admin.register(Cycle)
class CycleAdmin(LookOnlyAdmin):
    """To look at. Cycles are prepared, launched and turned in the application, through the gate."""

    list_display = ["name", "state", "period_start", "period_end"]
    list_filter = ["state"]
    search_fields = ["name"]
    inlines = [CyclePhaseInline]
