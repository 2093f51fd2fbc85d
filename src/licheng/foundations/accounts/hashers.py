from django.contrib.auth.hashers import Argon2PasswordHasher

from licheng.foundations.accounts.password_rules import normalised


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id at OWASP's recommended cost: 19 MiB, two passes, one lane; of the password's NFKC form.

    Django's own default takes 100 MiB and eight lanes, 0.3 s of two cores for each sign-in here: what jams
    on a deadline night. One form at setting and checking: keyboards differ in how they compose a letter.
    Source: OWASP Password Storage Cheat Sheet (Argon2id, m=19456, t=2, p=1); NIST SP 800-63B §5.1.1.2.
    """

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """The hash of the password's one form."""
        encoded: str = super().encode(normalised(password), salt)
        return encoded

    def verify(self, password: str, encoded: str) -> bool:
        """Whether the password's one form has this hash."""
        matches: bool = super().verify(normalised(password), encoded)
        return matches
