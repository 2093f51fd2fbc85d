from django.tasks import task

from licheng.foundations.accounts import operations
from licheng.foundations.authz import Actor


@task(queue_name="mail")
def send_reset_link(user_id: int) -> str:
    """Write the letter of a forgotten password, where there is somebody to write to."""
    was_sent = operations.send_reset_link(actor=Actor.system("task:reset"), user_id=user_id)
    return "sent" if was_sent else "nobody"


@task(queue_name="default", priority=-10)
def forget_sign_ins() -> int:
    """Remove what is kept about sign-ins after its time; how many rows."""
    return operations.forget_sign_ins(actor=Actor.system("clock:sign-ins"))
