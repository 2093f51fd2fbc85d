"""Schools and the people in them: who they are, which class they are in, which roles they hold.

Nouns: Authority, School, Person, Student, ClassGroup, RoleGrant. Imported by every app above.
"""
