from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "licheng.courseplans.plans"
    label = "plans"
    verbose_name = "課程計畫"
