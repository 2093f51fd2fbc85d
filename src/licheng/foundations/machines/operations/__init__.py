from licheng.foundations.machines.operations.tokens import make_token, revoke_token
from licheng.foundations.machines.operations.uses import forget_uses, note_use

__all__ = ["forget_uses", "make_token", "note_use", "revoke_token"]
