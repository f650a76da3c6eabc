// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/interrupts.hpp"
#include "ctl/json.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace cachefiles::ctl {
namespace {

constexpr std::array monitor_options{
    Option{"count", "N", "end after so many events", 'n'},
};

std::uint64_t wall_clock_usec() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(
        duration_cast<microseconds>(system_clock::now().time_since_epoch()).count());
}

/// What the object is called: a tag, a volume's key, "job 3".
std::string subject(const Snapshot& known, const std::string& path) {
    for (const CacheValues& cache : known.caches) {
        if (cache.path == path)
            return cache.tag;
    }
    for (const VolumeValues& volume : known.volumes) {
        if (volume.path == path)
            return volume.key;
    }
    const std::size_t job = path.find("/job/");
    return job == std::string::npos ? path : "job " + path.substr(job + 5);
}

std::string line_of(const Event& event, const std::string& subject) {
    std::string text =
        fmt::format("{} {} {}", format_time(wall_clock_usec()), event.name, visible(subject));
    for (const auto& [name, value] : event.values)
        text += fmt::format(" {}={}", name, visible(event.text(name)));
    return text + "\n";
}

Json json_of(const Event& event, const std::string& subject) {
    Json result{{"time_usec", wall_clock_usec()}, {"event", event.name}, {"subject", subject}};
    for (const auto& [name, value] : event.values) {
        std::string key = name;
        std::ranges::replace(key, '-', '_');
        std::visit([&](const auto& plain) { result[key] = plain; }, value);
    }
    return result;
}

ExitStatus run_monitor(Context& context, const Arguments& arguments) {
    const std::uint64_t count = arguments.number("count").value_or(~std::uint64_t{0});
    Service& service = context.service();
    Interrupts interrupts{SIGINT, SIGTERM};
    std::vector<Event> events;
    service.listen([&](const Event& event) { events.push_back(event); });
    Snapshot known = service.snapshot();
    for (std::uint64_t told = 0; told < count;) {
        service.wait(interrupts.fd(), std::nullopt);
        const std::vector<Event> now = std::exchange(events, {});
        for (std::size_t i = 0; i < now.size() && told < count; ++i, ++told) {
            if (now[i].name == "added")
                known = service.snapshot();
            const std::string what = subject(known, now[i].path);
            context.print(context.json() ? to_line(json_of(now[i], what)) : line_of(now[i], what));
        }
        if (interrupts.take())
            break;
    }
    return ExitStatus::success;
}

} // namespace

Verb monitor_verb() {
    return {"monitor",       "",         0, 0, "what happens, as it happens, until Ctrl-C",
            monitor_options, run_monitor};
}

} // namespace cachefiles::ctl
