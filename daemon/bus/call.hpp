// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <string>

namespace cachefiles::daemon::bus {

/// A method call that has to be answered, once, at once or later. Belongs to the loop's thread and
/// must not outlive its connection: what is answered later waits in PendingCalls.
class Call final {
public:
    explicit Call(sdbus::MethodCall message) : message_(std::move(message)) {}

    /// The next argument. sd-bus has compared the types with what was registered.
    template<typename T>
    [[nodiscard]] T read() {
        T value{};
        message_ >> value;
        return value;
    }

    /// The caller's unique name; the bus gives none twice.
    [[nodiscard]] std::string sender() const { return message_.getSender(); }
    /// The caller's user may be asked for a password.
    [[nodiscard]] bool interactive() const;

    /// Errors: sdbus::Error (the connection is gone, or takes no more).
    template<typename... T>
    void reply(const T&... values) const {
        sdbus::MethodReply reply = message_.createReply();
        (void)(static_cast<sdbus::Message&>(reply) << ... << values);
        reply.send();
    }
    void fail(const sdbus::Error& error) const noexcept;

private:
    sdbus::MethodCall message_;
};

} // namespace cachefiles::daemon::bus
