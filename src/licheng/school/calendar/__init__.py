"""When things may be done and how much: windows and the policy of the school year.

Nouns: Window, Policy. The lowest app of the school site: it knows schools and authorities by code only.
A window is the intersection of what ministry, authority and school allow; a limit is the strictest.
"""
