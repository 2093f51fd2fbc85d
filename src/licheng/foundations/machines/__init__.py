"""Machines that act for a school or a vendor: tokens with scopes and an end, and what each was used for.

Nouns: MachineToken, TokenUse. Sites offer APIs; this app says who asks. Views of a site may import it.
"""
