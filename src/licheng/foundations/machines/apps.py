from django.apps import AppConfig


class MachinesConfig(AppConfig):
    name = "licheng.foundations.machines"
    label = "machines"
    verbose_name = "機器權杖"
