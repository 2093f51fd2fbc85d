"""Getting a file in over a bad line: resumable uploads (tus 1.0), fitting to the limit, photos into one PDF.

Nouns: Upload (bytes on their way to an item), Preparation (a version the server makes smaller, or one PDF of
photos; the student compares and accepts). Nothing here is acknowledged: that happens in `foundations.files`.
"""
