from licheng.courseplans.offices.operations import recover_officer
from licheng.foundations.accounts.recovery_command import RecoverCommand
from licheng.foundations.authz import Actor


class Command(RecoverCommand):
    help = "Let an officer in again whose identity you have seen; prints a code for /enrol/ once."
    actor = Actor.system("command:recover_officer")
    operation = staticmethod(recover_officer)
