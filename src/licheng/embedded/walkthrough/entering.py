"""How everybody gets in for the first time: a code, a password of one's own, an address, and staff an app."""

import re
from dataclasses import dataclass
from typing import Any

from licheng.embedded.authenticator import Authenticator, email_code
from licheng.embedded.sites import Site
from licheng.embedded.visitor import STEP_UP, Shown, Visitor, WalkFailed

SECRET = re.compile(r"金鑰輸入： ((?:[A-Z2-7]{2,4} ?)+)")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody with a code; `email` is empty for those who have none."""

    name: str
    account: str
    code: str
    password: str
    email: str
    school: str = ""
    has_app: bool = False

    @property
    def login(self) -> str:
        """The account with its school, as `licheng code` takes it."""
        return f"{self.school}:{self.account}" if self.school else self.account


def enrol(site: Site, who: Newcomer) -> Visitor:
    """Exchange the code for a password, settle the address, add an app where one is asked for; signed in.

    Raises WalkFailed when a page asks for something else.
    """
    visitor = Visitor(who.name, site.url)
    page = visitor.open("/enrol/")
    values: dict[str, Any] = {
        "account": who.account,
        "code": who.code,
        "new": who.password,
        "again": who.password,
    }
    values |= {"school": who.school} if who.school else {}
    page = visitor.send(page, page.form_to("/enrol/"), **values)
    page = _settle_email(site, visitor, page, who.email)
    if who.has_app:
        page = _add_app(visitor, page)
    if page.path != "/":
        raise WalkFailed(f"{who.account} enrolled and is at {page.url}, not at home: {page.text[:300]}")
    return visitor


def _settle_email(site: Site, visitor: Visitor, page: Shown, address: str) -> Shown:
    if not address:
        return visitor.send(page, page.form_to("/email/none/"))
    form = next(form for form in page.forms if "email" in form.values)
    page = visitor.send(page, form, email=address)
    code = email_code(site.home / "mail", address)
    page = visitor.send(page, page.form_to("/email/code/"), code=code)
    return visitor.open("/") if "/email/" in page.path else page


def _add_app(visitor: Visitor, page: Shown) -> Shown:
    """Set the app up with the secret that is shown as text, and keep the recovery codes page behind."""
    page = visitor.open(page.link_to("/app/"))
    found = SECRET.search(page.text)
    if found is None:
        raise WalkFailed(f"{page.url} shows no secret: {page.text[:400]}")
    visitor.app = Authenticator(found[1].replace(" ", ""))
    visitor.send(page, page.form_to("/app/"), code=visitor.app.code())
    return visitor.open("/")


def sign_in_again(site: Site, password: str, account: str, known: Visitor) -> tuple[Visitor, Shown]:
    """Somebody at another machine: account and password, then the app's code; what she sees at home.

    Raises WalkFailed when the second step is not asked for.
    """
    visitor = Visitor(known.name, site.url)
    visitor.app = known.app
    page = visitor.open("/sign-in/")
    page = visitor.send(page, page.form_to("/sign-in/"), account=account, password=password)
    if page.path != STEP_UP or visitor.app is None:
        raise WalkFailed(f"{account} is asked for no second step at {page.url}")
    form = next(form for form in page.forms if "code" in form.values)
    return visitor, visitor.send(page, form, code=visitor.app.code())
