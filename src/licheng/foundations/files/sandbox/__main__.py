"""The zygote as a program of its own; `calling` starts it."""

from licheng.foundations.files.sandbox.zygote import main

main()
