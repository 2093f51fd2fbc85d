from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "licheng.school.records"
    label = "records"
    verbose_name = "修課紀錄"
