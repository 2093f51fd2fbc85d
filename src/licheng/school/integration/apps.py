from django.apps import AppConfig


class IntegrationConfig(AppConfig):
    name = "licheng.school.integration"
    label = "integration"
    verbose_name = "系統介接"
