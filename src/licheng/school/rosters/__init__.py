"""The import centre: a file in, what it would change, then all of it or nothing, and back again.

Nouns: RosterImport (one file on its way), RosterChange (one row it wrote), RosterEffect (what it does to one
person). Rows of other apps are written by their own operations; triggers note every change while a roster is
applied, so preview, apply and undo are the same work seen three times.
"""
