#!/bin/sh
# Whether this account may mount a memory disk and has loop devices: what tests on file systems of their own need.
[ "$(id -u)" = 0 ] && losetup -f >/dev/null 2>&1 || exit 1
place=$(mktemp -d) || exit 1
mount -t tmpfs -o size=1m tmpfs "$place" 2>/dev/null
mounted=$?
[ $mounted = 0 ] && umount "$place"
rmdir "$place"
exit $mounted
