from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "licheng.courseplans.publishing"
    label = "publishing"
    verbose_name = "課程計畫公開查詢"
