// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "protocol/netfs/messages.hpp"

#include <concepts>
#include <cstdint>
#include <type_traits>

/// What each message has behind its header, for Reader and Writer alike: one description, so that
/// they cannot disagree. Numbers lie at multiples of their size; texts come last.
namespace cachefiles::protocol::netfs {

template<typename T, typename Message>
concept Is = std::same_as<std::remove_const_t<T>, Message>;

/// A request that only names a cookie has room for flags.
template<typename Io, typename Message>
void cookie_fields(Io& io, Message& message) {
    io.number(message.cookie);
    io.flags();
}

// --- requests -----------------------------------------------------------------------------------

void fields(auto& io, Is<Hello> auto& message) {
    io.number(message.oldest);
    io.number(message.newest);
    io.text(message.name, 0, max_name);
}

void fields(auto& io, Is<AcquireVolume> auto& message) {
    io.text(message.key, 1, max_key);
    io.text(message.cache, 0, max_name);
    io.text(message.coherency, 0, max_aux);
}

void fields(auto& io, Is<RelinquishVolume> auto& message) {
    io.number(message.volume);
    io.flags(message.coherency, message.invalidate);
    io.text(message.coherency, max_aux);
}

void fields(auto& io, Is<AcquireCookie> auto& message) {
    io.number(message.volume);
    io.flags();
    io.number(message.size);
    io.text(message.key, 1, max_key);
    io.text(message.aux, 0, max_aux);
}

void fields(auto& io, Is<RelinquishCookie> auto& message) {
    io.number(message.cookie);
    io.flags(message.retire);
}

void fields(auto& io, Is<Use> auto& message) {
    io.number(message.cookie);
    io.flags(message.will_modify);
}

/// Unuse and Update.
template<typename Io, typename Message>
void new_coherency_fields(Io& io, Message& message) {
    io.number(message.cookie);
    io.flags(message.aux, message.size);
    io.number(message.size);
    io.text(message.aux, max_aux);
}

void fields(auto& io, Is<Unuse> auto& message) {
    new_coherency_fields(io, message);
}

void fields(auto& io, Is<Update> auto& message) {
    new_coherency_fields(io, message);
}

void fields(auto& io, Is<Resize> auto& message) {
    cookie_fields(io, message);
    io.number(message.size);
}

void fields(auto& io, Is<Invalidate> auto& message) {
    io.number(message.cookie);
    io.flags(message.aux, message.direct_write);
    io.number(message.size);
    io.text(message.aux, max_aux);
}

void fields(auto& io, Is<Open> auto& message) {
    cookie_fields(io, message);
}

void fields(auto& io, Is<PrepareWrite> auto& message) {
    io.number(message.cookie);
    io.choice(message.purpose, WritePurpose::modify);
    io.number(message.generation);
    io.number(message.start);
    io.number(message.length);
}

void fields(auto& io, Is<CommitWrite> auto& message) {
    io.number(message.grant);
    io.number(message.start);
    io.number(message.length);
}

void fields(auto& io, Is<Touch> auto& message) {
    io.list(message.cookies, max_touches);
}

void fields(auto& io, Is<NotePageRelease> auto& message) {
    cookie_fields(io, message);
}

void fields(auto& io, Is<List> auto& message) {
    io.choice(message.what, List::What::stats);
    io.number(message.first);
}

// --- replies ------------------------------------------------------------------------------------

void fields(auto& /*io*/, Is<Empty> auto& /*message*/) {}

void fields(auto& io, Is<HelloReply> auto& message) {
    io.number(message.version);
    io.template reserved<std::uint16_t>();
    io.number(message.block_size);
    io.number(message.max_volumes);
    io.number(message.max_cookies);
    io.number(message.max_grants);
    io.template reserved<std::uint32_t>();
    io.number(message.arena_size);
}

void fields(auto& io, Is<AcquireVolumeReply> auto& message) {
    io.number(message.volume);
}

void fields(auto& io, Is<AcquireCookieReply> auto& message) {
    io.number(message.cookie);
}

void fields(auto& io, Is<OpenReply> auto& message) {
    io.number(message.generation);
    io.number(message.object_size);
    io.number(message.slot);
    io.number(message.capacity);
}

void fields(auto& io, Is<PrepareWriteReply> auto& message) {
    io.number(message.grant);
    io.number(message.start);
    io.number(message.length);
}

void fields(auto& io, Is<ListReply> auto& message) {
    io.text(message.text, 0, max_list_text);
}

// --- notices ------------------------------------------------------------------------------------

void fields(auto& io, Is<FileEnded> auto& message) {
    io.number(message.cookie);
    io.choice(message.why, FileEnded::Why::discarded);
    io.number(message.generation);
}

void fields(auto& io, Is<CacheStateChanged> auto& message) {
    io.flags(message.online);
    io.text(message.cache, 0, max_name);
}

} // namespace cachefiles::protocol::netfs
