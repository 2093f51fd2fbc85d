"""What stands at the door: announcements, the security notice, usage figures, manuals and the help desk.

Nouns: Announcement, HelpRequest, HelpReply. Everybody may read the public part; nobody imports this app.
"""
