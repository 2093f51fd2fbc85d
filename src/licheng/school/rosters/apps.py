from django.apps import AppConfig


class RostersConfig(AppConfig):
    name = "licheng.school.rosters"
    label = "rosters"
    verbose_name = "名冊匯入"
