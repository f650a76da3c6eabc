// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/system/stop_reason.hpp"

#include <systemd/sd-bus.h>

#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cachefiles::daemon {
namespace {

constexpr const char* systemd = "org.freedesktop.systemd1";

// systemd answers at once; a bus that is being shut down might not.
constexpr std::uint64_t longest_call = 2'000'000; // microseconds

struct CloseBus {
    void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
};
struct FreeMessage {
    void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Bus = std::unique_ptr<sd_bus, CloseBus>;
using Message = std::unique_ptr<sd_bus_message, FreeMessage>;

Bus connect() {
    sd_bus* bus = nullptr;
    if (sd_bus_open_system(&bus) < 0)
        return nullptr;
    sd_bus_set_method_call_timeout(bus, longest_call);
    return Bus(bus);
}

std::optional<std::string> own_unit(sd_bus* bus) {
    sd_bus_message* reply = nullptr;
    const int result = sd_bus_call_method(
        bus, systemd, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
        "GetUnitByPID", nullptr, &reply, "u", static_cast<std::uint32_t>(getpid()));
    const Message owned(reply);
    const char* path = nullptr;
    if (result < 0 || sd_bus_message_read(reply, "o", &path) < 0)
        return std::nullopt;
    return path;
}

std::optional<std::string> job_of(sd_bus* bus, const std::string& unit) {
    sd_bus_message* reply = nullptr;
    const int result =
        sd_bus_get_property(bus, systemd, unit.c_str(), "org.freedesktop.systemd1.Unit", "Job",
                            nullptr, &reply, "(uo)");
    const Message owned(reply);
    std::uint32_t id = 0;
    const char* path = nullptr;
    if (result < 0 || sd_bus_message_read(reply, "(uo)", &id, &path) < 0 || id == 0)
        return std::nullopt;
    return path;
}

std::optional<std::string> job_type(sd_bus* bus, const std::string& job) {
    char* type = nullptr;
    if (sd_bus_get_property_string(bus, systemd, job.c_str(), "org.freedesktop.systemd1.Job",
                                   "JobType", nullptr, &type) < 0)
        return std::nullopt;
    std::string result = type;
    free(type);
    return result;
}

} // namespace

StopReason stop_reason() {
    if (const char* wanted = getenv("CACHEFILESD_ON_STOP"); wanted != nullptr)
        return std::string_view(wanted) == "withdraw" ? StopReason::stop : StopReason::restart;
    const Bus bus = connect();
    if (!bus)
        return StopReason::restart;
    const std::optional<std::string> unit = own_unit(bus.get());
    if (!unit)
        return StopReason::restart;
    const std::optional<std::string> job = job_of(bus.get(), *unit);
    if (!job) // a signal by hand: Restart= will start us again, or not; nobody else asked for it
        return StopReason::stop;
    return job_type(bus.get(), *job) == "stop" ? StopReason::stop : StopReason::restart;
}

} // namespace cachefiles::daemon
