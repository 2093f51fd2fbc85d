"""Other systems at the school's side: which tokens the school handed out, and what machines may read.

No nouns of its own: a MachineToken belongs to `licheng.foundations.machines`. The school's API imports it.
"""
