from licheng.school.integration.operations.tokens import OFFERED, make_school_token, revoke_school_token

__all__ = ["OFFERED", "make_school_token", "revoke_school_token"]
