from django.apps import AppConfig


class ReceiptsConfig(AppConfig):
    name = "licheng.school.receipts"
    label = "receipts"
    verbose_name = "收訖明細"
