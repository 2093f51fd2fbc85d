"""Whether the site is well, asked anew every time: database, copies, log. Public, and the same on every site.

Nouns: Check, Finding. Nothing is called good that was not read or verified for this very answer.
"""
