"""A host of its own on this machine: a network namespace with a line to it that can be cut or reset."""

import os

from tests.drills.parts.ground import command

RULES = {"drop": "drop", "reset": "reject with tcp reset"}


class Host:
    """A namespace with one address; the drill's own side is the other end of the line."""

    def __init__(self, ground):
        self.name = f"licheng-drill-{os.getpid()}"
        number = os.getpid() % 250
        self.here, self.address = f"10.213.{number}.1", f"10.213.{number}.2"
        line = f"ld{os.getpid() % 100_000}"
        command("ip", "netns", "add", self.name)
        ground.callback(command, "ip", "netns", "delete", self.name)
        command(
            "ip", "link", "add", f"{line}a", "type", "veth", "peer", "name", f"{line}b", "netns", self.name
        )
        command("ip", "address", "add", f"{self.here}/30", "dev", f"{line}a")
        command("ip", "link", "set", f"{line}a", "up")
        self.run("ip", "address", "add", f"{self.address}/30", "dev", f"{line}b")
        self.run("ip", "link", "set", f"{line}b", "up")
        self.run("nft", "add", "table", "inet", "drill")
        self.run("nft", "add", "chain", "inet", "drill", "in", "{ type filter hook input priority 0 ; }")

    def words(self, *words):
        """How a program is started on that host."""
        return ["ip", "netns", "exec", self.name, *words]

    def run(self, *words):
        """Run a program there to its end."""
        return command(*self.words(*words))

    def cut(self, how, port):
        """Let nothing through to this port any more: `drop` says nothing, `reset` ends the connection."""
        self.run("nft", "add", "rule", "inet", "drill", "in", "tcp", "dport", str(port), *RULES[how].split())

    def mend(self):
        """The line is whole again."""
        self.run("nft", "flush", "chain", "inet", "drill", "in")
