// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <chrono>
#include <exception>
#include <expected>
#include <functional>
#include <memory>
#include <utility>

namespace cachefiles::daemon::bus {

template<typename T>
using AsyncResult = std::function<void(std::expected<T, sdbus::Error>)>;

/// Calls a method elsewhere. `done` is called exactly once, from the loop, unless the proxy ends
/// before; what it throws is dropped, since sdbus-c++ 1.2 would end the process. An answer of
/// another type than T is an error like any other.
template<typename T, typename... Arguments>
void async_call(sdbus::IProxy& proxy, const char* interface, const char* method,
                std::chrono::microseconds timeout, AsyncResult<T> done,
                const Arguments&... arguments) {
    sdbus::MethodCall call = proxy.createMethodCall(interface, method);
    (void)(static_cast<sdbus::Message&>(call) << ... << arguments);
    const auto read = [](sdbus::MethodReply& reply) -> std::expected<T, sdbus::Error> {
        try {
            T value{};
            reply >> value;
            return value;
        } catch (const sdbus::Error& error) {
            return std::unexpected(error);
        }
    };
    const auto handler = [read, done = std::move(done)](sdbus::MethodReply& reply,
                                                        const sdbus::Error* error) {
        try {
            done(error != nullptr ? std::unexpected(*error) : read(reply));
        } catch (...) { // NOLINT(bugprone-empty-catch)
        }
    };
    proxy.callMethod(call, handler, static_cast<std::uint64_t>(timeout.count()));
}

} // namespace cachefiles::daemon::bus
