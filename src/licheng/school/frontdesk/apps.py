from django.apps import AppConfig


class FrontdeskConfig(AppConfig):
    name = "licheng.school.frontdesk"
    label = "frontdesk"
    verbose_name = "服務臺"
