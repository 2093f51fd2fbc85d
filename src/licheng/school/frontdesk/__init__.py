"""What stands at the door: announcements, the security notice, usage figures, manuals and the help desk.

Nouns: Announcement, HelpRequest, HelpReply, Usage. Everybody may read the public part.
Only the home page imports this app.
"""
