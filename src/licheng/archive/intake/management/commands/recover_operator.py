from licheng.archive.intake.operations import recover_operator
from licheng.foundations.accounts.recovery_command import RecoverCommand
from licheng.foundations.authz import Actor


class Command(RecoverCommand):
    help = "Let an operator in again whose identity you have seen; prints a code for /enrol/ once."
    actor = Actor.system("command:recover_operator")
    operation = staticmethod(recover_operator)
