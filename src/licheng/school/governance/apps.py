from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "licheng.school.governance"
    label = "governance"
    verbose_name = "工作小組"
