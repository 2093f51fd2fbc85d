from licheng.foundations.accounts.recovery_command import RecoverCommand
from licheng.foundations.authz import Actor
from licheng.school.people.operations import recover_by_command


class Command(RecoverCommand):
    help = "Let an administrator in again when no other one is left; prints a code for /enrol/ once."
    actor = Actor.system("command:recover_account")
    operation = staticmethod(recover_by_command)
    asked = {"school": "The school's six characters", **RecoverCommand.asked}
