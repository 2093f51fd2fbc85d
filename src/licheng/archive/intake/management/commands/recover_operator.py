from licheng.archive.intake.operations import recover_operator
from licheng.foundations.accounts.recovery_command import RecoverCommand
from licheng.foundations.authz import Actor

ACTOR = Actor.system("command:recover_operator")


class Command(RecoverCommand):
    help = "Let an operator in again whose identity you have seen; prints a code for /enrol/ once."

    def recover(self, *, account: str, identity_check: str, reason: str) -> str:
        return recover_operator(actor=ACTOR, account=account, identity_check=identity_check, reason=reason)[1]
