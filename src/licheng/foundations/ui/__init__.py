"""What every page of every site shares: base templates, parts, styles, scripts and the receipt verifier page.

Nouns: part (a django-cotton template), tone (how a state looks), sprite (the icons in use).
Any app may load its templates and tags; it imports no other app.
"""
