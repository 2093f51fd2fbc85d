"""What a school's working group 工作小組 decides: own caps and windows, extensions for people.

Nouns: SettingChange, Extension. Stands on people and calendar; everything above may ask it.
"""
