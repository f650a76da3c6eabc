# SPDX-License-Identifier: GPL-2.0-or-later
"""libcachefiles, as Python sees it (client/cachefiles.h)."""
import ctypes
import os

BLOCK = 256 * 1024  # what is cached as a whole
ZERO, DOWNLOAD, READ, STORE = 0, 1, 2, 4

FETCH = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint64)


def _load():
    library = ctypes.CDLL(os.environ["LIBCACHEFILES"])
    pointer, size, u64, unsigned = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint64, ctypes.c_uint
    signatures = {
        "cachefiles_connect": [ctypes.c_char_p, ctypes.c_char_p, unsigned, pointer],
        "cachefiles_close": [pointer],
        "cachefiles_online": [pointer],
        "cachefiles_event_fd": [pointer],
        "cachefiles_acquire_volume": [pointer, ctypes.c_char_p, size, ctypes.c_char_p, ctypes.c_char_p, size, pointer],
        "cachefiles_relinquish_volume": [pointer, ctypes.c_char_p, size],
        "cachefiles_acquire_cookie": [pointer, ctypes.c_char_p, size, ctypes.c_char_p, size, u64, pointer],
        "cachefiles_relinquish_cookie": [pointer, ctypes.c_int],
        "cachefiles_use": [pointer, unsigned],
        "cachefiles_unuse": [pointer, ctypes.c_char_p, size, pointer],
        "cachefiles_read_through": [pointer, pointer, size, u64, FETCH, pointer],
    }
    for name, arguments in signatures.items():
        function = getattr(library, name)
        function.argtypes = arguments
        function.restype = ctypes.c_ssize_t if name.endswith("through") else ctypes.c_int
    return library


LIBRARY = _load()


def _check(result):
    if result < 0:
        raise OSError(-result, os.strerror(-result))
    return result


class Client:
    """A connection with volumes and files, and the source behind them: a dictionary of bytes."""

    CONNECT_NOW = 1

    def __init__(self, socket, flags=CONNECT_NOW):
        self.source = {}
        self.fetched = 0  # bytes that came from the source
        self.volumes = {}
        self.cookies = {}
        connection = ctypes.c_void_p()
        _check(LIBRARY.cachefiles_connect(os.fsencode(socket), b"test", flags, ctypes.byref(connection)))
        self.connection = connection

    def wait_for_source(self, length):
        """As long as it takes to get so many bytes."""

    def online(self):
        return LIBRARY.cachefiles_online(self.connection) == 1

    def volume(self, key):
        if key not in self.volumes:
            volume = ctypes.c_void_p()
            _check(LIBRARY.cachefiles_acquire_volume(self.connection, key, len(key), None, b"", 0,
                                                     ctypes.byref(volume)))
            self.volumes[key] = volume
        return self.volumes[key]

    def open(self, key, volume=b"test,volume"):
        """In use until close()."""
        cookie = ctypes.c_void_p()
        _check(LIBRARY.cachefiles_acquire_cookie(self.volume(volume), key, len(key), b"aux1", 4,
                                                 len(self.source[key]), ctypes.byref(cookie)))
        self.cookies[key] = cookie
        self.use(key)

    def use(self, key):
        _check(LIBRARY.cachefiles_use(self.cookies[key], 0))

    def unuse(self, key):
        _check(LIBRARY.cachefiles_unuse(self.cookies[key], None, 0, None))

    def read(self, key):
        """All of it, through the cache."""
        data = self.source[key]

        def fetch(_context, buffer, length, start):
            part = data[start:start + length]
            self.wait_for_source(len(part))
            ctypes.memmove(buffer, part, len(part))
            self.fetched += len(part)
            return len(part)

        buffer = ctypes.create_string_buffer(len(data))
        done = 0
        callback = FETCH(fetch)
        while done < len(data):
            got = _check(LIBRARY.cachefiles_read_through(self.cookies[key], ctypes.byref(buffer, done),
                                                         len(data) - done, done, callback, None))
            if got == 0:
                break
            done += got
        return buffer.raw[:done]

    def close(self, key):
        self.unuse(key)
        LIBRARY.cachefiles_relinquish_cookie(self.cookies.pop(key), 0)

    def fetch_all(self, keys=None):
        """Reads files through the cache, one after the other; what each had to get from the source."""
        fetched = {}
        for key in keys or list(self.source):
            before = self.fetched
            self.open(key)
            assert self.read(key) == self.source[key], f"{key} has other bytes than its source"
            self.close(key)
            fetched[key] = self.fetched - before
        return fetched

    def end(self):
        for volume in self.volumes.values():
            _check(LIBRARY.cachefiles_relinquish_volume(volume, None, 0))
        LIBRARY.cachefiles_close(self.connection)
        self.volumes = {}
        self.connection = None
