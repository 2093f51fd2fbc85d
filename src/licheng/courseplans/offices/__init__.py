"""Who files and who takes note: schools of the directory, their plan editors, authorities.

Nouns: PlanSchool, Authority, Officer.
"""
