from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id at OWASP's recommended cost: 19 MiB, two passes, one lane.

    Django's own default takes 100 MiB and eight lanes, 0.3 s of two cores for each sign-in here: what jams
    on a deadline night. Source: OWASP Password Storage Cheat Sheet (Argon2id, m=19456, t=2, p=1).
    """

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1
