"""Where a drill happens: a folder, a seed, volumes on loop devices that can be filled, cut and put back."""

import random
import shutil
import signal
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

from tests.drills.found import DrillFailed
from tests.drills.parts.clearing import clear

QUIET = {
    "ext4": ["mkfs.ext4", "-q", "-F"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
    "btrfs": ["mkfs.btrfs", "-q", "-f"],
}
MOUNT_OPTIONS = {
    "ext4": "commit=300",
    "xfs": "nouuid",
    "btrfs": "commit=300",
}  # no journal commit by the clock


def command(*words, user=None):
    """Run a program to its end; its output.

    Raises DrillFailed with what it said.
    """
    done = subprocess.run(
        [str(word) for word in words], check=False, capture_output=True, text=True, user=user
    )
    if done.returncode != 0:
        raise DrillFailed(f"{words[0]}: {(done.stderr or done.stdout).strip()[-600:]}")
    return done.stdout


class Volume:
    """A file system in an image file; what was not written through is not in a copy of the image."""

    def __init__(self, image, mount, kind):
        self.image, self.mount, self.kind = image, mount, kind

    def attach(self):
        """Mount it."""
        self.mount.mkdir(parents=True, exist_ok=True)
        command("mount", "-o", f"loop,{MOUNT_OPTIONS[self.kind]}", self.image, self.mount)
        self.mount.chmod(0o755)

    def detach(self):
        """Unmount it; the loop device goes with it."""
        command("umount", self.mount)

    def remount(self, option):
        """Change how it is mounted: `ro` or `rw`."""
        command("mount", "-o", f"remount,{option}", self.mount)

    def cut(self, to):
        """The image as a power cut at this moment would leave it."""
        command("cp", "--reflink=always", self.image, to)
        return Volume(to, to.with_suffix(".mnt"), self.kind)

    def put_back(self, image):
        """Come back from an older image, as a disk that was never persistent does at a reboot."""
        self.detach()
        command("cp", "--reflink=always", image, self.image)
        self.attach()


class Ground:
    """A folder and a seed; everything started or mounted through it ends with it."""

    def __init__(self, folder, seed):
        self.folder, self.seed = folder.resolve(), seed
        self.random = random.Random(seed)
        self._stack = ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self._stack.close()
        clear(self.folder, session=None)

    def callback(self, function, *arguments):
        """Have something done when the drill ends, newest first."""
        self._stack.callback(function, *arguments)

    def bytes(self, size):
        """Random bytes of this seed."""
        return self.random.randbytes(size)

    def host(self, size="3G"):
        """A btrfs that holds images, so that one can be copied in an instant."""
        image, mount = self.folder / "host.img", self.folder / "host"
        if not mount.exists():
            command("truncate", "-s", size, image)
            command(*QUIET["btrfs"], image)
            mount.mkdir()
            command("mount", "-o", "loop", image, mount)
        return mount

    def volume(self, name, kind="ext4", size="400M", options=()):
        """A fresh, mounted volume whose image can be cut."""
        image = self.host() / f"{name}.img"
        command("truncate", "-s", size, image)
        command(*QUIET[kind], *options, image)
        volume = Volume(image, self.folder / "mounts" / name, kind)
        volume.attach()
        return volume

    def small_memory(self, name, size):
        """A tmpfs of this size."""
        mount = self.folder / "mounts" / name
        mount.mkdir(parents=True)
        command("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", mount)
        return mount

    def start(self, words, log, **more):
        """A process that goes on until the drill ends."""
        with (self.folder / f"{log}.log").open("ab") as out:
            process = subprocess.Popen([str(word) for word in words], stdout=out, stderr=out, **more)
        self.callback(stop, process)
        return process

    def free_port(self):
        """A TCP port of this machine that nobody has."""
        import socket

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]


def stop(process, patience_seconds=5):
    """End a process of ours."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def wait_for(asked, says, patience_seconds=30):
    """Ask until the answer is true; the answer.

    Raises DrillFailed with `says` when it never is.
    """
    until = time.monotonic() + patience_seconds
    while time.monotonic() < until:
        if answer := asked():
            return answer
        time.sleep(0.05)
    raise DrillFailed(f"after {patience_seconds} s still not so: {says}")


def forget_cache(*places):
    """Write out these file systems, then make the kernel read devices again instead of remembering."""
    for place in places:
        command("sync", "--file-system", place)
    Path("/proc/sys/vm/drop_caches").write_text("3", encoding="ascii")


def empty(folder):
    """Take away what is in a folder, keep the folder."""
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
