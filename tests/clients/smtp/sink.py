"""A mail server that keeps what it gets: each mail as a file in a folder. Ends when its input ends.

Arguments: the port, the folder. The file `refuse` in the folder holds the code with which recipients are refused.
"""

import os
import sys

from aiosmtpd.controller import Controller


class Sink:
    """Writes every mail into the folder, whole or not at all."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        """Takes a recipient, or refuses as the folder says."""
        try:
            with open(os.path.join(self.folder, "refuse"), encoding="ascii") as refusal:
                return f"{refusal.read().strip()} not taken"
        except FileNotFoundError:
            envelope.rcpt_tos.append(address)
            return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        """Keeps a mail, with those whom it is for in a line before it."""
        self.count += 1
        name = os.path.join(self.folder, f"{self.count:06}.eml")
        with open(f"{name}.part", "wb") as mail:
            mail.write(("X-Rcpt: " + ", ".join(envelope.rcpt_tos) + "\r\n").encode())
            mail.write(envelope.original_content)
        os.rename(f"{name}.part", name)
        return "250 kept"


def main():
    """Serves until the input ends."""
    port, folder = int(sys.argv[1]), sys.argv[2]
    # Names of two starts on one folder do not meet.
    sink = Sink(folder)
    sink.count = sum(1 for name in os.listdir(folder) if name.endswith(".eml"))
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    print("ready", flush=True)
    sys.stdin.read()
    controller.stop()


main()
