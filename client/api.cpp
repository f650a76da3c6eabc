// SPDX-License-Identifier: LGPL-2.1-or-later
// The functions of cachefiles.h: they check their arguments, and let no exception out. A NULL
// volume or cookie is no cache.
#include "client/cachefiles.h"
#include "client/connection.hpp"
#include "client/dial.hpp"
#include "client/read_through.hpp"
#include "protocol/netfs/messages.hpp"

#include <errno.h>
#include <stdlib.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <system_error>

using cachefiles::client::Connection;
using cachefiles::client::Options;
using cachefiles::client::ReadThrough;
namespace netfs = cachefiles::protocol::netfs;

namespace {

constexpr const char* default_path = "/run/cachefilesd/netfs";

/// What an exception is to a C program.
template<typename Action>
auto errno_of(Action action) noexcept -> decltype(action()) {
    try {
        return action();
    } catch (const std::system_error& error) {
        return -error.code().value();
    } catch (...) {
        return -ENOMEM;
    }
}

/// Of functions that cannot fail: it did not happen.
template<typename Action>
void quietly(Action action) noexcept {
    try {
        action();
    } catch (...) {
    }
}

std::string bytes(const void* data, std::size_t length) {
    return length == 0 ? std::string() : std::string(static_cast<const char*>(data), length);
}

std::optional<std::string> bytes_if(const void* data, std::size_t length) {
    return data == nullptr ? std::nullopt : std::optional(bytes(data, length));
}

std::optional<std::uint64_t> size_if(const std::uint64_t* size) {
    return size == nullptr ? std::nullopt : std::optional(*size);
}

bool is_key(const void* key, std::size_t length) {
    return key != nullptr && length > 0 && length <= netfs::max_key;
}

bool is_aux(const void* aux, std::size_t length) {
    return length <= netfs::max_aux && (aux != nullptr || length == 0);
}

/// NULL is "as it was", and then there is no length.
bool is_new_aux(const void* aux, std::size_t length) {
    return aux == nullptr ? length == 0 : length <= netfs::max_aux;
}

bool is_range(std::uint64_t start, std::uint64_t length) {
    constexpr std::uint64_t most = std::numeric_limits<off_t>::max();
    return start <= most && length <= most - start;
}

std::string program_name(const char* name) {
    return std::string(name != nullptr ? name : program_invocation_short_name)
        .substr(0, netfs::max_name);
}

std::string socket_path(const char* path) {
    if (path != nullptr)
        return path;
    const char* set = secure_getenv("CACHEFILESD_SOCKET");
    return set != nullptr ? set : default_path;
}

Connection& connection_of(const cachefiles_cookie* cookie) {
    return cookie->volume.connection;
}

} // namespace

int cachefiles_connect(const char* path, const char* name, unsigned flags,
                       cachefiles_connection** connection) {
    return errno_of([&] {
        *connection = nullptr;
        if ((flags & ~unsigned{CACHEFILES_CONNECT_NOW}) != 0)
            return -EINVAL;
        Options options;
        options.path = socket_path(path);
        options.name = program_name(name);
        if (const int error = cachefiles::client::check_path(options.path); error != 0)
            return -error;
        auto made = std::make_unique<cachefiles_connection>(std::move(options));
        const int result = made->start((flags & CACHEFILES_CONNECT_NOW) != 0);
        if (result == 0)
            *connection = made.release();
        return result;
    });
}

void cachefiles_close(cachefiles_connection* connection) {
    if (connection == nullptr)
        return;
    quietly([&] { connection->close(); });
    delete connection;
}

int cachefiles_set_timeout(cachefiles_connection* connection, unsigned milliseconds) {
    return errno_of([&] {
        if (milliseconds == 0)
            return -EINVAL;
        connection->set_time_out(std::chrono::milliseconds(milliseconds));
        return 0;
    });
}

int cachefiles_online(cachefiles_connection* connection) {
    return errno_of([&] { return connection->online() ? 1 : 0; });
}

int cachefiles_event_fd(cachefiles_connection* connection) {
    return errno_of([&] { return connection->events().descriptor(); });
}

int cachefiles_next_event(cachefiles_connection* connection, cachefiles_event* event) {
    return errno_of([&] { return connection->events().pop(*event) ? 1 : 0; });
}

int cachefiles_acquire_volume(cachefiles_connection* connection, const void* key, size_t key_length,
                              const char* cache, const void* coherency, size_t coherency_length,
                              cachefiles_volume** volume) {
    return errno_of([&] {
        *volume = nullptr;
        const std::string tag = cache != nullptr ? cache : "";
        if (!is_key(key, key_length) || tag.size() > netfs::max_name ||
            !is_aux(coherency, coherency_length))
            return -EINVAL;
        return connection->acquire_volume(bytes(key, key_length), tag,
                                          bytes(coherency, coherency_length), *volume);
    });
}

int cachefiles_relinquish_volume(cachefiles_volume* volume, const void* coherency,
                                 size_t coherency_length) {
    return errno_of([&] {
        if (!is_new_aux(coherency, coherency_length))
            return -EINVAL;
        if (volume != nullptr)
            volume->connection.relinquish_volume(*volume, bytes_if(coherency, coherency_length));
        return 0;
    });
}

int cachefiles_acquire_cookie(cachefiles_volume* volume, const void* key, size_t key_length,
                              const void* aux, size_t aux_length, uint64_t size,
                              cachefiles_cookie** cookie) {
    return errno_of([&] {
        *cookie = nullptr;
        if (!is_key(key, key_length) || !is_aux(aux, aux_length) || !is_range(0, size))
            return -EINVAL;
        if (volume == nullptr)
            return 0;
        return volume->connection.acquire_cookie(*volume, bytes(key, key_length),
                                                 bytes(aux, aux_length), size, *cookie);
    });
}

void cachefiles_relinquish_cookie(cachefiles_cookie* cookie, int retire) {
    if (cookie != nullptr)
        quietly([&] { connection_of(cookie).relinquish_cookie(*cookie, retire != 0); });
}

void cachefiles_set_data(cachefiles_cookie* cookie, void* data) {
    if (cookie != nullptr)
        cookie->data = data;
}

void* cachefiles_data(const cachefiles_cookie* cookie) {
    return cookie != nullptr ? cookie->data : nullptr;
}

int cachefiles_use(cachefiles_cookie* cookie, unsigned flags) {
    return errno_of([&] {
        if ((flags & ~unsigned{CACHEFILES_MODIFY}) != 0)
            return -EINVAL;
        if (cookie != nullptr)
            connection_of(cookie).use(*cookie, (flags & CACHEFILES_MODIFY) != 0);
        return 0;
    });
}

int cachefiles_unuse(cachefiles_cookie* cookie, const void* aux, size_t aux_length,
                     const uint64_t* size) {
    return errno_of([&] {
        if (!is_new_aux(aux, aux_length) || (size != nullptr && !is_range(0, *size)))
            return -EINVAL;
        if (cookie == nullptr)
            return 0;
        return connection_of(cookie).unuse(*cookie, bytes_if(aux, aux_length), size_if(size));
    });
}

int cachefiles_update(cachefiles_cookie* cookie, const void* aux, size_t aux_length,
                      const uint64_t* size) {
    return errno_of([&] {
        if (!is_new_aux(aux, aux_length) || (size != nullptr && !is_range(0, *size)))
            return -EINVAL;
        if (cookie != nullptr)
            connection_of(cookie).update(*cookie, bytes_if(aux, aux_length), size_if(size));
        return 0;
    });
}

int cachefiles_resize(cachefiles_cookie* cookie, uint64_t size) {
    return errno_of([&] {
        if (!is_range(0, size))
            return -EINVAL;
        return cookie != nullptr ? connection_of(cookie).resize(*cookie, size) : 0;
    });
}

int cachefiles_invalidate(cachefiles_cookie* cookie, const void* aux, size_t aux_length,
                          uint64_t size, unsigned flags) {
    return errno_of([&] {
        if ((flags & ~unsigned{CACHEFILES_DIRECT}) != 0 || !is_new_aux(aux, aux_length) ||
            !is_range(0, size))
            return -EINVAL;
        if (cookie != nullptr)
            connection_of(cookie).invalidate(*cookie, bytes_if(aux, aux_length), size,
                                             (flags & CACHEFILES_DIRECT) != 0);
        return 0;
    });
}

void cachefiles_plan_read(cachefiles_cookie* cookie, uint64_t start, uint64_t length,
                          struct cachefiles_plan* plan) {
    *plan = {CACHEFILES_DOWNLOAD, start, length, 0, 0};
    length = std::min(length, std::numeric_limits<std::uint64_t>::max() - start);
    if (cookie != nullptr)
        quietly([&] { *plan = connection_of(cookie).plan(*cookie, start, length); });
}

ssize_t cachefiles_read(cachefiles_cookie* cookie, void* buffer, size_t length, uint64_t start) {
    return errno_of([&]() -> ssize_t {
        if (cookie == nullptr)
            return -ENODATA;
        if (!is_range(start, length))
            return -EINVAL;
        return connection_of(cookie).read(*cookie, static_cast<char*>(buffer), length, start);
    });
}

int cachefiles_occupancy(cachefiles_cookie* cookie, uint64_t start, uint64_t length,
                         uint64_t* data_start, uint64_t* data_length) {
    *data_start = start;
    *data_length = 0;
    if (cookie == nullptr)
        return 0;
    return errno_of([&] {
        const bool any =
            connection_of(cookie).occupancy(*cookie, start, length, *data_start, *data_length);
        return any ? 1 : 0;
    });
}

ssize_t cachefiles_store(cachefiles_cookie* cookie, const struct cachefiles_plan* plan,
                         const void* buffer, size_t length, uint64_t start) {
    return errno_of([&]() -> ssize_t {
        if (!is_range(start, length))
            return -EINVAL;
        if (cookie == nullptr)
            return 0;
        return connection_of(cookie).store(*cookie, *plan, static_cast<const char*>(buffer), length,
                                           start);
    });
}

ssize_t cachefiles_modify(cachefiles_cookie* cookie, const void* buffer, size_t length,
                          uint64_t start) {
    return errno_of([&]() -> ssize_t {
        if (!is_range(start, length))
            return -EINVAL;
        if (cookie == nullptr)
            return 0;
        return connection_of(cookie).modify(*cookie, static_cast<const char*>(buffer), length,
                                            start);
    });
}

int cachefiles_descriptor(cachefiles_cookie* cookie, uint64_t start, uint64_t length) {
    return errno_of([&] {
        if (!is_range(start, length))
            return -EINVAL;
        if (cookie == nullptr)
            return -ENODATA;
        return connection_of(cookie).descriptor(*cookie, start, length);
    });
}

int cachefiles_prepare_write(cachefiles_cookie* cookie, const struct cachefiles_plan* plan,
                             uint64_t start, uint64_t length, struct cachefiles_grant* grant) {
    *grant = {0, start, 0, -1};
    return errno_of([&] {
        if (length == 0 || !is_range(start, length))
            return -EINVAL;
        if (cookie == nullptr)
            return 0;
        return connection_of(cookie).prepare_write(*cookie, plan, start, length, *grant);
    });
}

int cachefiles_commit_write(cachefiles_cookie* cookie, const struct cachefiles_grant* grant,
                            uint64_t start, uint64_t length) {
    return errno_of([&] {
        if (cookie == nullptr)
            return -EINVAL;
        return connection_of(cookie).commit_write(*cookie, grant->id, start, length);
    });
}

ssize_t cachefiles_read_through(cachefiles_cookie* cookie, void* buffer, size_t length,
                                uint64_t start, cachefiles_fetch* fetch, void* context) {
    return errno_of([&]() -> ssize_t {
        if (!is_range(start, length))
            return -EINVAL;
        if (cookie == nullptr)
            return fetch(context, buffer, length, start);
        ReadThrough through(connection_of(cookie), *cookie, {fetch, context});
        return through.read(static_cast<char*>(buffer), length, start);
    });
}
