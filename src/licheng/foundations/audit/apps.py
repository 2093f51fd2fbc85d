from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "licheng.foundations.audit"
    label = "audit"
    verbose_name = "稽核紀錄"
