"""Course plans 課程計畫: written by a school, reviewed there, taken note of by the authority, versioned.

Nouns: Plan, PlanGroup, PlanCourse, Syllabus, PlanStep, Correction. A filed plan never changes; a change is a
new version.
"""
