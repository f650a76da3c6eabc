// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/bus/bus_service.hpp"

#include "ctl/bus/errors.hpp"
#include "ctl/bus/events.hpp"
#include "ctl/bus/values.hpp"
#include "ctl/text/figures.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <poll.h>

#include <array>
#include <cerrno>
#include <tuple>

namespace cachefiles::ctl {
namespace {

const std::string bus_name = "org.cachefiles1";
const std::string manager_path = "/org/cachefiles1";
const std::string manager_interface = "org.cachefiles1.Manager";
const std::string cache_interface = "org.cachefiles1.Cache";
const std::string volume_interface = "org.cachefiles1.Volume";
const std::string job_interface = "org.cachefiles1.Job";
const std::string log_path = "/org/freedesktop/LogControl1";
const std::string log_interface = "org.freedesktop.LogControl1";
const std::string properties_interface = "org.freedesktop.DBus.Properties";

/// Longer than anything takes that is not a job; somebody may have to be asked for his password.
constexpr std::chrono::seconds patience{120};

std::uint64_t now_usec() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(
        duration_cast<microseconds>(system_clock::now().time_since_epoch()).count());
}

std::uint64_t in_usec(Seconds seconds) {
    return static_cast<std::uint64_t>(seconds) * usec_per_second;
}

template<typename T>
void add_amount(Properties& options, const std::string& name, const std::optional<T>& amount) {
    if (amount)
        options[name] = sdbus::Variant(*amount);
}

void add_age(Properties& options, const std::string& name, const std::optional<Seconds>& age) {
    if (age)
        options[name] = sdbus::Variant(in_usec(*age));
}

Failure lost_daemon() {
    return {ExitStatus::not_running,
            "lost the daemon: it has ended; see journalctl -u cachefilesd"};
}

/// Of a daemon that was there a moment ago.
bool says_that_it_ended(const sdbus::Error& error) {
    const std::string& name = error.getName();
    return name == "org.freedesktop.DBus.Error.NoReply" ||
           name == "org.freedesktop.DBus.Error.ServiceUnknown" ||
           name == "org.freedesktop.DBus.Error.NameHasNoOwner";
}

Properties all_properties(sdbus::IProxy& proxy, const std::string& interface) {
    Properties properties;
    proxy.callMethod("GetAll")
        .onInterface(properties_interface)
        .withArguments(interface)
        .storeResultsTo(properties);
    return properties;
}

} // namespace

BusService::BusService(const std::string& host) {
    attempt(host.empty() ? "cannot reach the daemon" : "cannot reach the daemon on " + host, [&] {
        connection_ = host.empty() ? sdbus::createSystemBusConnection()
                                   : sdbus::createRemoteSystemBusConnection(host);
        connection_->setMethodCallTimeout(patience);
        // Asked, rather than tried: a message could start it.
        if (owner().empty())
            throw sdbus::Error("org.freedesktop.DBus.Error.NameHasNoOwner", "");
    });
}

std::string BusService::owner() {
    const std::unique_ptr<sdbus::IProxy> bus =
        sdbus::createProxy(*connection_, "org.freedesktop.DBus", "/org/freedesktop/DBus");
    std::string result;
    try {
        bus->callMethod("GetNameOwner")
            .onInterface("org.freedesktop.DBus")
            .withArguments(bus_name)
            .storeResultsTo(result);
    } catch (const sdbus::Error& error) {
        if (error.getName() != "org.freedesktop.DBus.Error.NameHasNoOwner")
            throw;
    }
    return result;
}

std::unique_ptr<sdbus::IProxy> BusService::proxy(const std::string& path) {
    return sdbus::createProxy(*connection_, bus_name, path);
}

Snapshot BusService::snapshot() {
    return attempt("cannot read the state", [&] {
        Snapshot result;
        result.time = now_usec();
        const std::unique_ptr<sdbus::IProxy> manager = proxy(manager_path);
        const Properties own = all_properties(*manager, manager_interface);
        result.version = value<std::string>(own, "Version");
        result.backend = value<std::string>(own, "Backend");
        ManagedObjects objects;
        manager->callMethod("GetManagedObjects")
            .onInterface("org.freedesktop.DBus.ObjectManager")
            .storeResultsTo(objects);
        for (const auto& [path, interfaces] : objects) {
            for (const auto& [name, properties] : interfaces) {
                if (name == cache_interface)
                    result.caches.push_back(cache_values(path, properties));
                else if (name == volume_interface)
                    result.volumes.push_back(volume_values(path, properties));
                else if (name == job_interface)
                    result.jobs.push_back(job_values(path, properties));
            }
        }
        return result;
    });
}

std::string BusService::cull(const std::string& cache, const CullOrder& order) {
    Properties options;
    add_amount(options, "bytes", order.bytes);
    add_amount(options, "files", order.files);
    add_age(options, "older-than-usec", order.older_than);
    add_amount(options, "volume", order.volume);
    if (order.dry_run)
        options["dry-run"] = sdbus::Variant(true);
    return attempt("cannot cull", [&] {
        sdbus::ObjectPath job;
        proxy(cache)
            ->callMethod("Cull")
            .onInterface(cache_interface)
            .withArguments(options)
            .storeResultsTo(job);
        return std::string(job);
    });
}

std::string BusService::purge(const std::string& cache, const std::string& volume, bool dry_run) {
    Properties options;
    if (dry_run)
        options["dry-run"] = sdbus::Variant(true);
    return attempt("cannot purge", [&] {
        sdbus::ObjectPath job;
        proxy(cache)
            ->callMethod("Purge")
            .onInterface(cache_interface)
            .withArguments(volume, options)
            .storeResultsTo(job);
        return std::string(job);
    });
}

std::string BusService::verify(const std::string& cache) {
    return attempt("cannot verify", [&] {
        sdbus::ObjectPath job;
        proxy(cache)->callMethod("Verify").onInterface(cache_interface).storeResultsTo(job);
        return std::string(job);
    });
}

std::optional<JobValues> BusService::job(const std::string& path) {
    return attempt("cannot ask for the job", [&]() -> std::optional<JobValues> {
        try {
            return job_values(path, all_properties(*proxy(path), job_interface));
        } catch (const sdbus::Error& error) {
            if (error.getName() == "org.freedesktop.DBus.Error.UnknownObject")
                return std::nullopt;
            if (says_that_it_ended(error))
                throw lost_daemon();
            throw;
        }
    });
}

void BusService::cancel(const std::string& job) {
    attempt("cannot cancel the job",
            [&] { proxy(job)->callMethod("Cancel").onInterface(job_interface); });
}

void BusService::pause(const std::string& cache, bool paused) {
    const std::string method = paused ? "Pause" : "Resume";
    attempt(paused ? "cannot pause culling" : "cannot resume culling",
            [&] { proxy(cache)->callMethod(method).onInterface(cache_interface); });
}

void BusService::set_limits(const std::string& cache, const LimitOrder& order) {
    Properties limits;
    add_amount(limits, "max-size", order.max_size);
    add_amount(limits, "max-files", order.max_files);
    add_amount(limits, "min-free", order.min_free);
    add_age(limits, "max-age-usec", order.max_age);
    add_age(limits, "min-age-usec", order.min_age);
    if (order.persistent)
        limits["persistent"] = sdbus::Variant(true);
    attempt("cannot set the limits", [&] {
        proxy(cache)->callMethod("SetLimits").onInterface(cache_interface).withArguments(limits);
    });
}

void BusService::pin(const std::string& volume, bool pinned) {
    const std::string method = pinned ? "Pin" : "Unpin";
    attempt(pinned ? "cannot pin" : "cannot unpin",
            [&] { proxy(volume)->callMethod(method).onInterface(volume_interface); });
}

void BusService::reload() {
    attempt("cannot reload",
            [&] { proxy(manager_path)->callMethod("Reload").onInterface(manager_interface); });
}

std::string BusService::log_level() {
    return attempt("cannot read the log level", [&]() -> std::string {
        return proxy(log_path)->getProperty("LogLevel").onInterface(log_interface);
    });
}

void BusService::set_log_level(const std::string& level) {
    attempt("cannot set the log level", [&] {
        proxy(log_path)->setProperty("LogLevel").onInterface(log_interface).toValue(level);
    });
}

ObjectPage BusService::list(const std::string& cache, const std::string& volume,
                            const std::string& cursor, std::uint32_t limit) {
    using Object = sdbus::Struct<std::int64_t, std::string, std::uint8_t, std::vector<std::uint8_t>,
                                 std::uint64_t, std::int64_t, bool>;
    return attempt("cannot list the objects", [&] {
        std::vector<Object> objects;
        ObjectPage page;
        proxy(cache)
            ->callMethod("ListObjects")
            .onInterface(cache_interface)
            .withArguments(volume, cursor, limit)
            .storeResultsTo(objects, page.next);
        for (const Object& each : objects) {
            const std::vector<std::uint8_t>& name = each.get<3>();
            page.objects.push_back({each.get<0>(),
                                    each.get<1>(),
                                    each.get<2>(),
                                    {name.begin(), name.end()},
                                    each.get<4>(),
                                    static_cast<std::uint64_t>(each.get<5>()),
                                    each.get<6>()});
        }
        return page;
    });
}

ObjectDetails BusService::show(const std::string& cache, const std::string& volume,
                               const std::string& name) {
    return attempt("cannot show the object", [&] {
        Properties object;
        proxy(cache)
            ->callMethod("ShowObject")
            .onInterface(cache_interface)
            .withArguments(volume, std::vector<std::uint8_t>(name.begin(), name.end()))
            .storeResultsTo(object);
        return object_details(object);
    });
}

std::vector<AgeValues> BusService::ages(const std::string& cache,
                                        const std::vector<Seconds>& bounds) {
    std::vector<std::uint64_t> wanted;
    wanted.reserve(bounds.size());
    for (const Seconds bound : bounds)
        wanted.push_back(in_usec(bound));
    return attempt("cannot ask for the ages", [&] {
        std::vector<sdbus::Struct<std::uint64_t, std::uint64_t>> ages;
        proxy(cache)
            ->callMethod("GetAges")
            .onInterface(cache_interface)
            .withArguments(wanted)
            .storeResultsTo(ages);
        std::vector<AgeValues> result;
        result.reserve(ages.size());
        for (const auto& each : ages)
            result.push_back({each.get<0>(), each.get<1>()});
        return result;
    });
}

std::string BusService::metrics() {
    return attempt("cannot read the metrics", [&] {
        std::string text;
        proxy(manager_path)
            ->callMethod("GetMetrics")
            .onInterface(manager_interface)
            .storeResultsTo(text);
        return text;
    });
}

void BusService::take(sdbus::Message& message) {
    if (const std::optional<Event> event = to_event(message)) {
        ++told_;
        happened_(*event);
    }
}

void BusService::listen(std::function<void(const Event&)> happened) {
    happened_ = std::move(happened);
    attempt("cannot listen to the daemon", [&] {
        connection_->addMatch(
            "type='signal',sender='" + bus_name + "'",
            [this](sdbus::Message& message) { take(message); }, sdbus::floating_slot_t{});
        connection_->addMatch(
            "type='signal',sender='org.freedesktop.DBus',"
            "member='NameOwnerChanged',arg0='" +
                bus_name + "'",
            [this](sdbus::Message&) { gone_ = true; }, sdbus::floating_slot_t{});
        gone_ = owner().empty(); // it may have gone before that
    });
}

void BusService::wait(int descriptor, std::optional<std::chrono::milliseconds> timeout) {
    attempt("cannot listen to the daemon", [&] {
        const auto until = std::chrono::steady_clock::now() + timeout.value_or(patience);
        const std::size_t before = told_;
        for (;;) {
            while (connection_->processPendingRequest())
                ;
            if (gone_)
                throw lost_daemon();
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(
                until - std::chrono::steady_clock::now());
            if (told_ != before || (timeout && left.count() <= 0))
                return;
            const sdbus::IConnection::PollData bus = connection_->getEventLoopPollData();
            std::array<pollfd, 2> polled{pollfd{bus.fd, bus.events, 0},
                                         pollfd{descriptor, POLLIN, 0}};
            int patience_ms = bus.getPollTimeout();
            if (timeout && (patience_ms < 0 || patience_ms > left.count()))
                patience_ms = static_cast<int>(left.count());
            if (poll(polled.data(), polled.size(), patience_ms) < 0 && errno != EINTR)
                throw sdbus::createError(errno, "poll");
            if (polled[1].revents != 0)
                return;
        }
    });
}

} // namespace cachefiles::ctl
