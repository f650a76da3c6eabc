// SPDX-License-Identifier: GPL-2.0-or-later
// What a test orders: tests/bus/README.md.
#include "tests/bus/fake_administration.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace cachefiles::tests {

using namespace daemon::admin;

namespace {

std::string rest(std::istream& words) {
    std::string text;
    std::getline(words >> std::ws, text);
    return text;
}

cull::Reason reason(std::istream& words) {
    std::string name;
    words >> name;
    constexpr std::array all{
        cull::Reason::none,     cull::Reason::stop_limit, cull::Reason::watermark,
        cull::Reason::min_free, cull::Reason::max_size,   cull::Reason::max_files,
        cull::Reason::volume,   cull::Reason::max_age,    cull::Reason::request};
    constexpr std::array<std::string_view, all.size()> names{"none",     "stop-limit", "watermark",
                                                             "min-free", "max-size",   "max-files",
                                                             "volume",   "max-age",    "request"};
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? cull::Reason::none
                                : all[static_cast<std::size_t>(found - names.begin())];
}

} // namespace

bool FakeAdministration::command(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    const std::lock_guard lock(mutex_);
    return command_cache(verb, words) || command_content(verb, words) ||
           command_volume(verb, words) || command_job(verb, words);
}

bool FakeAdministration::command_cache(const std::string& verb, std::istream& words) {
    if (verb == "lost") {
        change([](CacheReport& report) { report.state = CacheState::lost; });
        tell({.kind = Event::Kind::lost, .text = rest(words)});
    } else if (verb == "recovered") {
        change([](CacheReport& report) { report.state = CacheState::online; });
        tell({.kind = Event::Kind::recovered, .text = {}});
    } else if (verb == "culling" || verb == "stalled") {
        const cull::Reason why = reason(words);
        change([&](CacheReport& report) {
            report.culling = true;
            report.stalled = verb == "stalled";
            report.reason = why;
        });
        tell({.kind =
                  verb == "stalled" ? Event::Kind::culling_stalled : Event::Kind::culling_started,
              .reason = why,
              .text = {}});
    } else if (verb == "culled") {
        Event event{.kind = Event::Kind::culling_finished, .reason = report_->reason, .text = {}};
        words >> event.objects >> event.bytes;
        change([](CacheReport& report) {
            report.culling = false;
            report.stalled = false;
            report.reason = cull::Reason::none;
        });
        tell(event);
    } else if (verb == "rebuilt") {
        tell({.kind = Event::Kind::index_rebuilt, .text = {}});
    } else if (verb == "step") {
        change([](CacheReport& report) { report.in_step = !report.in_step; });
    } else if (verb == "use") {
        change([](CacheReport& report) { ++report.totals.in_use; }); // a counter: no signal
    } else if (verb == "throw") {
        words >> trap_;
    } else if (verb == "reload") {
        reload_error_ = rest(words);
    } else if (verb == "block" || verb == "unblock") {
        blocked_ = verb == "block";
        wake_.notify_all();
    } else {
        return false;
    }
    return true;
}

bool FakeAdministration::command_content(const std::string& verb, std::istream& words) {
    if (verb != "content")
        return false;
    std::string name;
    words >> name;
    const std::string hex = rest(words); // none: it is not known
    std::string bytes;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
        bytes += static_cast<char>(std::stoul(hex.substr(at, 2), nullptr, 16));
    contents_[name] = hex.empty() ? std::nullopt : std::optional(bytes);
    return true;
}

bool FakeAdministration::command_volume(const std::string& verb, std::istream& words) {
    if (verb != "volume")
        return false;
    VolumeReport volume;
    words >> volume.id;
    volume.key = rest(words); // none: it is gone
    change([&](CacheReport& report) {
        std::erase_if(report.volumes,
                      [&](const VolumeReport& each) { return each.id == volume.id; });
        if (volume.key.empty())
            return;
        const auto place =
            std::ranges::lower_bound(report.volumes, volume.id, {}, &VolumeReport::id);
        report.volumes.insert(place, volume);
    });
    return true;
}

bool FakeAdministration::command_job(const std::string& verb, std::istream& words) {
    JobId id = 0;
    if (verb != "progress" && verb != "finish" && verb != "fail" && verb != "forget")
        return false;
    words >> id;
    Job* job = find(id);
    if (job == nullptr)
        return false;
    if (verb == "progress") {
        job->report.state = JobState::running;
        words >> job->report.progress;
        tell({.kind = Event::Kind::job_changed, .text = {}, .job = id});
    } else if (verb == "finish") {
        job->report.progress = 10'000 - 10'000 / 10;
        step(*job);
    } else if (verb == "fail") {
        end(*job, JobState::failed, rest(words));
    } else {
        std::erase_if(jobs_, [&](const Job& each) { return each.report.id == id; });
        notify();
    }
    return true;
}

} // namespace cachefiles::tests
