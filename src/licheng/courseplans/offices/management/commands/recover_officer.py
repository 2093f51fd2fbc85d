from licheng.courseplans.offices.operations import recover_officer
from licheng.foundations.accounts.recovery_command import RecoverCommand
from licheng.foundations.authz import Actor

ACTOR = Actor.system("command:recover_officer")


class Command(RecoverCommand):
    help = "Let an officer in again whose identity you have seen; prints a code for /enrol/ once."

    def recover(self, *, account: str, identity_check: str, reason: str) -> str:
        return recover_officer(actor=ACTOR, account=account, identity_check=identity_check, reason=reason)[1]
