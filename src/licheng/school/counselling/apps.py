from django.apps import AppConfig


class CounsellingConfig(AppConfig):
    name = "licheng.school.counselling"
    label = "counselling"
    verbose_name = "課程諮詢"
