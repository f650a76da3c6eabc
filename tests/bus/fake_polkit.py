# SPDX-License-Identifier: GPL-2.0-or-later
"""A polkit that says what it is told to."""
import threading

from jeepney import HeaderFields, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus

import client

NAME = "org.freedesktop.PolicyKit1"


class FakePolkit:
    """decide(action, flags) gives (authorized, challenge), None for no answer, or a str: an error. It serves in a
    thread."""

    def __init__(self, address, decide):
        self.connection = client.connect(address)
        self.decide = decide
        self.asked = []  # (subject's kind, its name, action, flags)
        self.unanswered = []
        assert self.connection.send_and_get_reply(message_bus.RequestName(NAME, 4)).body == (1,)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        try:
            while True:
                message = self.connection.receive()
                if message.header.message_type == MessageType.method_call:
                    self.take(message)
        except (OSError, ConnectionError, ValueError):
            return  # closed

    def take(self, message):
        subject, action, _, flags, _ = message.body
        assert message.header.fields[HeaderFields.member] == "CheckAuthorization"
        decision = self.decide(action, flags)
        if decision is None:
            self.unanswered.append(message)
        self.asked.append((subject[0], client.plain(subject[1])["name"], action, flags))
        if decision is not None:
            self.answer(message, decision)

    def answer(self, message, decision):
        if isinstance(decision, str):
            reply = new_error(message, "org.freedesktop.PolicyKit1.Error.Failed", "s", (decision,))
        elif len(decision) == 1:  # not what polkit says
            reply = new_method_return(message, "b", decision)
        else:
            reply = new_method_return(message, "(bba{ss})", ((*decision, {}),))
        self.connection.send(reply)

    def close(self):
        self.connection.sock.shutdown(2)
        self.thread.join()
        self.connection.close()
