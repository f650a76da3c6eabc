// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/client/fake_object.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cachefiles::tests {

namespace netfs = protocol::netfs;
using netfs::block_size;

FakeDaemon::Outcome FakeDaemon::handle(Client& client, const netfs::Hello&) {
    client.arena_file.reset(memfd_create("arena", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    REQUIRE(ftruncate(client.arena_file.get(), Client::arena_size) == 0);
    client.arena = mmap(nullptr, Client::arena_size, PROT_READ | PROT_WRITE, MAP_SHARED,
                        client.arena_file.get(), 0);
    REQUIRE(client.arena != MAP_FAILED);
    if (sealed_arena)
        REQUIRE(fcntl(client.arena_file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0);
    return {0,
            netfs::HelloReply{.version = version,
                              .block_size = block_size,
                              .max_volumes = 64,
                              .max_cookies = 1000,
                              .max_grants = 64,
                              .arena_size = Client::arena_size},
            client.arena_file.get()};
}

FakeDaemon::Outcome FakeDaemon::handle(Client& client, const netfs::AcquireVolume& request) {
    for (const std::unique_ptr<Client>& other : clients_) {
        for (const auto& [id, key] : other->volumes) {
            if (!other->dead && key == request.key)
                return {EBUSY, {}, -1};
        }
    }
    client.volumes[++client.last_id] = request.key;
    return {0, netfs::AcquireVolumeReply{client.last_id}, -1};
}

FakeDaemon::Outcome FakeDaemon::handle(Client& client, const netfs::RelinquishVolume& request) {
    return {client.volumes.erase(request.volume) == 1 ? 0 : EBADF, {}, -1};
}

FakeDaemon::Outcome FakeDaemon::handle(Client& client, const netfs::AcquireCookie& request) {
    if (!client.volumes.contains(request.volume))
        return {EBADF, {}, -1};
    Cookie cookie;
    cookie.id = ++client.last_id;
    cookie.key = request.key;
    cookie.aux = request.aux;
    cookie.size = request.size;
    client.cookies.emplace(cookie.id, std::move(cookie));
    return {0, netfs::AcquireCookieReply{client.last_id}, -1};
}

FakeDaemon::Outcome FakeDaemon::handle(Client& client, const netfs::RelinquishCookie& request) {
    const auto found = client.cookies.find(request.cookie);
    if (found == client.cookies.end())
        return {EBADF, {}, -1};
    Cookie& cookie = found->second;
    if (cookie.use.uses > 0)
        return {EBUSY, {}, -1};
    if (cookie.header != nullptr && cookie.generation != 0)
        cookie.header->generation.store(cookie.generation + 1);
    if (request.retire || cookie.invalidated)
        disk_.erase(cookie.key);
    client.cookies.erase(found);
    return {};
}

FakeDaemon::Outcome FakeDaemon::handle(Client& client, const netfs::Use& request) {
    Cookie& cookie = client.cookies.at(request.cookie);
    ++cookie.use.uses;
    cookie.use.modifies = cookie.use.modifies || request.will_modify;
    if (!cache_online_ || cookie.object)
        return {};
    const auto found = disk_.find(cookie.key);
    const bool valid = found != disk_.end() && found->second->aux == cookie.aux &&
                       found->second->size == cookie.size && !cookie.invalidated;
    if (valid) {
        cookie.object = found->second;
        return {};
    }
    cookie.invalidated = false;
    cookie.object = std::make_shared<Object>();
    cookie.object->aux = cookie.aux;
    cookie.object->size = cookie.size;
    cookie.object->file.reset(memfd_create("object", MFD_CLOEXEC));
    REQUIRE(ftruncate(cookie.object->file.get(), static_cast<off_t>(cookie.size)) == 0);
    disk_[cookie.key] = cookie.object;
    return {};
}

FakeDaemon::Outcome FakeDaemon::handle(Client& client, const netfs::Unuse& request) {
    Cookie& cookie = client.cookies.at(request.cookie);
    if (cookie.use.uses == 0)
        return {EINVAL, {}, -1};
    if (--cookie.use.uses == 0) {
        cookie.use.modifies = false;
        cookie.disabled = false;
    }
    return handle(client, netfs::Update{request.cookie, request.aux, request.size});
}

FakeDaemon::Outcome FakeDaemon::handle(Client& client, const netfs::Update& request) {
    Cookie& cookie = client.cookies.at(request.cookie);
    cookie.aux = request.aux.value_or(cookie.aux);
    cookie.size = request.size.value_or(cookie.size);
    if (cookie.object) {
        cookie.object->aux = cookie.aux;
        cookie.object->size = cookie.size;
    }
    return {};
}

FakeDaemon::Outcome FakeDaemon::handle(Client& client, const netfs::Resize& request) {
    Cookie& cookie = client.cookies.at(request.cookie);
    if (cookie.use.uses == 0)
        return {EINVAL, {}, -1};
    if (!cookie.object)
        return {ENOBUFS, {}, -1};
    const std::uint64_t whole = std::min(request.size, cookie.object->size) / block_size;
    std::erase_if(cookie.object->present, [&](std::uint64_t block) { return block >= whole; });
    cookie.size = cookie.object->size = request.size;
    REQUIRE(ftruncate(cookie.object->file.get(), static_cast<off_t>(request.size)) == 0);
    end_file(client, cookie, netfs::FileEnded::Why::invalidated);
    return {};
}

FakeDaemon::Outcome FakeDaemon::handle(Client& client, const netfs::Invalidate& request) {
    Cookie& cookie = client.cookies.at(request.cookie);
    cookie.aux = request.aux.value_or(cookie.aux);
    cookie.size = request.size;
    cookie.disabled = cookie.disabled || request.direct_write;
    cookie.object.reset();
    cookie.invalidated = true;
    end_file(client, cookie, netfs::FileEnded::Why::invalidated);
    if (cookie.use.uses > 0) {
        --cookie.use.uses;
        return handle(client, netfs::Use{request.cookie, false});
    }
    return {};
}

FakeDaemon::Outcome FakeDaemon::handle(Client& client, const netfs::Open& request) {
    Cookie& cookie = client.cookies.at(request.cookie);
    if (cookie.use.uses == 0)
        return {EINVAL, {}, -1};
    if (!cache_online_ || cookie.disabled)
        return {ENOBUFS, {}, -1};
    if (!cookie.object) { // invalidated by the daemon itself
        --cookie.use.uses;
        handle(client, netfs::Use{request.cookie, false});
    }
    if (cookie.generation == 0) {
        cookie.slot = client.next_slot;
        client.next_slot += Client::slot_size;
        REQUIRE(client.next_slot <= Client::arena_size);
        cookie.header =
            reinterpret_cast<netfs::SlotHeader*>(static_cast<char*>(client.arena) + cookie.slot);
        cookie.generation = client.last_generation += 2;
        cookie.header->object_size.store(cookie.object->size);
        for (const std::uint64_t block : cookie.object->present)
            cookie.words()[block / 64].fetch_or(std::uint64_t{1} << (block % 64));
        cookie.header->generation.store(cookie.generation);
    }
    return {0,
            netfs::OpenReply{cookie.generation, cookie.object->size, cookie.slot + slot_shift,
                             Client::capacity},
            cookie.object->file.get()};
}

FakeDaemon::Outcome FakeDaemon::handle(Client& client, const netfs::PrepareWrite& request) {
    Cookie& cookie = client.cookies.at(request.cookie);
    const bool modifies = request.purpose == netfs::WritePurpose::modify;
    if (!cookie.object || cookie.use.uses == 0)
        return {ENOBUFS, {}, -1};
    if (request.generation != cookie.generation)
        return {ESTALE, {}, -1};
    if (modifies && !cookie.use.modifies)
        return {EPERM, {}, -1};
    std::uint64_t start = request.start;
    std::uint64_t end = std::min(start + request.length, cookie.object->size);
    if (!modifies) {
        start -= start % block_size;
        end = std::min((end + block_size - 1) / block_size * block_size, cookie.object->size);
        while (start < end && cookie.object->present.contains(start / block_size))
            start += block_size;
    }
    if (start >= end)
        return {modifies ? EINVAL : EEXIST, {}, -1};
    client.grants[++client.last_grant] = {cookie.id, start, end - start, cookie.object};
    return {0, netfs::PrepareWriteReply{client.last_grant, start, end - start}, -1};
}

FakeDaemon::Outcome FakeDaemon::handle(Client& client, const netfs::CommitWrite& request) {
    const auto found = client.grants.find(request.grant);
    if (found == client.grants.end())
        return {EBADF, {}, -1};
    const Client::Grant grant = found->second;
    client.grants.erase(found);
    if (request.start < grant.start || request.start + request.length > grant.start + grant.length)
        return {EINVAL, {}, -1};
    const auto cookie = client.cookies.find(grant.cookie);
    if (cookie == client.cookies.end() || cookie->second.object != grant.object ||
        cookie->second.generation == 0)
        return {ESTALE, {}, -1};
    const std::uint64_t end = request.start + request.length;
    std::uint64_t block = (request.start + block_size - 1) / block_size;
    for (;
         (block + 1) * block_size <= end || (end == grant.object->size && block * block_size < end);
         ++block) {
        grant.object->present.insert(block);
        cookie->second.words()[block / 64].fetch_or(std::uint64_t{1} << (block % 64));
    }
    return {};
}

FakeDaemon::Outcome FakeDaemon::handle(Client&, const netfs::Touch&) {
    return {};
}

FakeDaemon::Outcome FakeDaemon::handle(Client&, const netfs::NotePageRelease&) {
    return {};
}

FakeDaemon::Outcome FakeDaemon::handle(Client&, const netfs::List&) {
    return {0, netfs::ListReply{}, -1};
}

} // namespace cachefiles::tests
