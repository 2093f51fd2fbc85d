"""Course outcomes 課程學習成果: made by a student, certified by the course's teacher, bound to the bytes.

Nouns: Outcome. Certification says only two things: this student's own work, and a product of this course.
"""
