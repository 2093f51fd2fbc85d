from django.apps import AppConfig


class SubmissionConfig(AppConfig):
    name = "licheng.school.submission"
    label = "submission"
    verbose_name = "提交"
