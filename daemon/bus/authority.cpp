// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/authority.hpp"

#include "daemon/bus/async_call.hpp"
#include "daemon/bus/errors.hpp"
#include "daemon/bus/text.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cachefiles::daemon::bus {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds bus_patience = 25s;
/// Somebody may have to find and type a password.
constexpr std::chrono::seconds polkit_patience = 5min;
constexpr std::uint32_t allow_interaction = 1; // polkit's CheckAuthorizationFlags

// polkit's types: a subject (kind, details), and an answer (is_authorized, is_challenge, details).
using Subject = sdbus::Struct<std::string, Dictionary>;
using Details = std::map<std::string, std::string>;
using Decision = sdbus::Struct<bool, bool, Details>;

const char* name_of(Action action) {
    switch (action) {
    case Action::inspect:
        return "org.cachefiles1.inspect";
    case Action::cull:
        return "org.cachefiles1.cull";
    case Action::manage:
        return "org.cachefiles1.manage";
    case Action::reload:
        break;
    }
    return "org.cachefiles1.reload";
}

bool is_absent(const sdbus::Error& error) {
    const std::string& name = error.getName();
    return name == "org.freedesktop.DBus.Error.ServiceUnknown" ||
           name == "org.freedesktop.DBus.Error.NameHasNoOwner" ||
           name.starts_with("org.freedesktop.DBus.Error.Spawn.");
}

sdbus::Error denial(const sdbus::Error& error) {
    if (is_absent(error))
        return access_denied("only root may do that: there is no polkit that could allow others");
    return access_denied(
        fmt::format("only root may do that: polkit did not answer ({})", error.getMessage()));
}

sdbus::Error denial(const Decision& decision, Action action, bool interactive) {
    const bool would_ask = std::get<1>(decision);
    if (!would_ask)
        return access_denied(fmt::format("polkit does not allow {}", name_of(action)));
    return access_denied(
        fmt::format("{} wants authentication: {}", name_of(action),
                    interactive ? "there is no agent that could ask for it; be root"
                                : "call with interactive authorization allowed, or as root"));
}

} // namespace

Authority::Authority(sdbus::IConnection& connection, PendingCalls& pending)
    : pending_(pending),
      bus_(sdbus::createProxy(connection, "org.freedesktop.DBus", "/org/freedesktop/DBus")),
      polkit_(sdbus::createProxy(connection, "org.freedesktop.PolicyKit1",
                                 "/org/freedesktop/PolicyKit1/Authority")) {}

void Authority::check(Call& call, Action action, const Then& then) {
    const std::string sender = call.sender();
    const bool interactive = call.interactive();
    const PendingCalls::Id id = pending_.hold(call);
    // sdbus-c++ could tell the user, too, but waits for the bus while it asks.
    const auto with_user = [=, this](std::expected<std::uint32_t, sdbus::Error> user) {
        if (!user)
            pending_.finish(id, [](Call& who) { who.fail(access_denied("who are you?")); });
        else if (*user == 0 || *user == geteuid())
            pending_.finish(id, then);
        else
            pending_.start(id, [&] { ask_polkit(id, sender, interactive, action, then); });
    };
    pending_.start(id, [&] {
        async_call<std::uint32_t>(*bus_, "org.freedesktop.DBus", "GetConnectionUnixUser",
                                  bus_patience, with_user, sender);
    });
}

void Authority::ask_polkit(PendingCalls::Id id, const std::string& sender, bool interactive,
                           Action action, const Then& then) {
    const auto decided = [=, this](std::expected<Decision, sdbus::Error> decision) {
        if (decision && std::get<0>(*decision))
            pending_.finish(id, then);
        else
            pending_.finish(id, [&](Call& call) {
                call.fail(decision ? denial(*decision, action, interactive)
                                   : denial(decision.error()));
            });
    };
    async_call<Decision>(*polkit_, "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization",
                         polkit_patience, decided,
                         Subject("system-bus-name", {{"name", sdbus::Variant(sender)}}),
                         std::string(name_of(action)), Details(),
                         interactive ? allow_interaction : 0U, std::string());
}

} // namespace cachefiles::daemon::bus
