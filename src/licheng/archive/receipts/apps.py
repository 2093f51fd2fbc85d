from django.apps import AppConfig


class ArchiveReceiptsConfig(AppConfig):
    name = "licheng.archive.receipts"
    label = "archive_receipts"
    verbose_name = "收訖明細"
