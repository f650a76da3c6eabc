# SPDX-License-Identifier: GPL-2.0-or-later
"""A caller of org.cachefiles1, and a listener."""
import collections
import os

from jeepney import DBusAddress, HeaderFields, MatchRule, MessageFlag, MessageType, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

SERVICE = "org.cachefiles1"
MANAGER = "/org/cachefiles1"
CACHE = "/org/cachefiles1/cache/my_2dcache"
PROPERTIES = "org.freedesktop.DBus.Properties"
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
NOBODY = 65534


class Refused(Exception):
    """An error answer: its name without what all of ours begin with, and its text."""

    def __init__(self, message):
        self.name = message.header.fields[HeaderFields.error_name]
        self.text = message.body[0] if message.body else ""
        super().__init__(f"{self.name}: {self.text}")


def connect(address, uid=None, enable_fds=False):
    """As another user, if one is given: the bus looks at who connects."""
    if uid is not None:
        os.setresgid(uid, uid, 0)
        os.setresuid(uid, uid, 0)
    try:
        return open_dbus_connection(address, enable_fds=enable_fds, auth_timeout=3600)
    finally:
        if uid is not None:
            os.setresuid(0, 0, 0)
            os.setresgid(0, 0, 0)


def interface_of(path):
    for kind, name in (("/cache/", "Cache"), ("/volume/", "Volume"), ("/job/", "Job")):
        if kind in path:
            return f"{SERVICE}.{name}"
    return f"{SERVICE}.Manager"


def plain(value):
    """Without the types of variants."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        return plain(value[1])
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


class Client:
    def __init__(self, address, uid=None):
        self.connection = connect(address, uid, enable_fds=True)
        self.answers = {}  # that came before somebody asked for them

    def close(self):
        self.connection.close()

    def message(self, path, member, signature=None, body=(), interface=None, interactive=False, service=SERVICE):
        address = DBusAddress(path, service, interface or interface_of(path))
        message = new_method_call(address, member, signature, body)
        if interactive:
            message.header.flags |= MessageFlag.allow_interactive_authorization
        return message

    def send(self, *arguments, **options):
        """A call whose answer is asked for by answer()."""
        serial = next(self.connection.outgoing_serial)
        self.connection.send(self.message(*arguments, **options), serial=serial)
        return serial

    def answer(self, serial):
        while serial not in self.answers:
            message = self.connection.receive()
            self.answers[message.header.fields.get(HeaderFields.reply_serial)] = message
        return self.unwrap(self.answers.pop(serial))

    def call(self, *arguments, **options):
        return self.answer(self.send(*arguments, **options))

    @staticmethod
    def unwrap(message):
        if message.header.message_type == MessageType.error:
            raise Refused(message)
        return message.body if len(message.body) != 1 else message.body[0]

    def told_before(self, answer):
        """What PropertiesChanged says until the answer to that call comes, which has to be heard_here()."""
        told = {}
        while True:
            message = self.connection.receive()
            if message.header.fields.get(HeaderFields.reply_serial) == answer:
                self.unwrap(message)
                return told
            if message.header.fields.get(HeaderFields.member) == "PropertiesChanged":
                told |= plain(message.body[1])

    def heard_here(self):
        """The service's signals come to this connection, too, in their order with the answers."""
        self.connection.send_and_get_reply(message_bus.AddMatch(MatchRule(type="signal", sender=SERVICE)))
        return self

    def get(self, path, name, interface=None):
        return plain(self.call(path, "Get", "ss", (interface or interface_of(path), name), interface=PROPERTIES))

    def properties(self, path, interface=None):
        return plain(self.call(path, "GetAll", "s", (interface or interface_of(path),), interface=PROPERTIES))

    def objects(self):
        return self.call(MANAGER, "GetManagedObjects", interface=OBJECT_MANAGER)

    def has_service(self):
        address = message_bus
        return self.connection.send_and_get_reply(address.NameHasOwner(SERVICE)).body[0]


class Listener:
    """The signals of the service, in their order."""

    def __init__(self, address):
        self.connection = connect(address)
        rule = MatchRule(type="signal", sender=SERVICE)
        self.connection.send_and_get_reply(message_bus.AddMatch(rule))
        self.seen = collections.deque()

    def close(self):
        self.connection.close()

    def next(self):
        """(path, member, body)"""
        while True:
            message = self.connection.receive()
            fields = message.header.fields
            if message.header.message_type == MessageType.signal and fields[HeaderFields.path].startswith("/org/cachefiles1"):
                return fields[HeaderFields.path], fields[HeaderFields.member], message.body

    def wait(self, member, path=None):
        """The next one of this name; what comes before is in `seen`."""
        while True:
            signal = self.next()
            if signal[1] == member and path in (None, signal[0]):
                return signal
            self.seen.append(signal)

    def changed(self, path):
        """What the next PropertiesChanged of the path says."""
        while True:
            signal = self.wait("PropertiesChanged", path)
            return plain(signal[2][1])
