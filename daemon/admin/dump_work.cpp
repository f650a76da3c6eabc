// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/dump_work.hpp"

#include "base/bytes_text.hpp"
#include "base/error.hpp"
#include "daemon/admin/line_writer.hpp"
#include "daemon/admin/object_reports.hpp"

#include <fmt/format.h>

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <memory>
#include <utility>

namespace cachefiles::daemon::admin {
namespace {

constexpr std::size_t objects_per_page = 1000;

// A person may well read a page for a minute; whoever waits for that need not.
constexpr std::chrono::seconds longest_stall{10};

/// A reader that goes away is an error of write(2), and nothing else. In this thread only.
void ignore_broken_pipes() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void append_line(std::string& text, const ObjectReport& report) {
    const index::Object& object = report.object;
    fmt::format_to(std::back_inserter(text),
                   "{{\"number\":{},\"volume\":{},\"directory\":{},\"name\":{},\"size\":{},"
                   "\"last-use\":{},\"in-use\":{},\"path\":{}}}\n",
                   object.id.value(), json_string(report.volume), object.id.directory().fanout,
                   json_string(object.name), object.attributes.bytes, object.attributes.last_use,
                   object.attributes.state == index::ObjectState::in_use, json_string(report.path));
}

class Dump final {
public:
    Dump(index::Index& index, const InUseSource& in_use, std::optional<std::string> volume,
         Fd output, JobControl& control)
        : reports_(index, in_use), writer_(std::move(output)), control_(control) {
        query_.volume = std::move(volume);
        query_.limit = objects_per_page;
        const auto known = query_.volume ? index.volume(*query_.volume) : std::nullopt;
        total_ = known ? known->totals.objects : index.totals().objects;
    }

    JobEnd run() {
        do {
            std::expected<ObjectPage, Refusal> page = reports_.list(query_);
            if (!page)
                return {JobState::failed, page.error().text};
            if (std::optional<JobEnd> end = write(*page))
                return *std::move(end);
            query_.cursor = std::move(page->next);
        } while (!query_.cursor.empty());
        return {};
    }

private:
    std::optional<JobEnd> write(const ObjectPage& page) {
        text_.clear();
        for (const ObjectReport& object : page.objects)
            append_line(text_, object);
        const LineWriter::Result result = writer_.write(
            text_, [this](std::chrono::milliseconds stalled) { return go_on(stalled); });
        switch (result) {
        case LineWriter::Result::written:
            break;
        case LineWriter::Result::reader_gone:
            return JobEnd{JobState::canceled};
        case LineWriter::Result::stopped:
            return gave_way_ ? JobEnd{JobState::failed, "the reader has taken nothing for a while, "
                                                        "and other jobs wait"}
                             : JobEnd{JobState::canceled};
        case LineWriter::Result::failed:
            return JobEnd{JobState::failed, fmt::format("cannot write: {}", errno_text(errno))};
        }
        written_.objects += page.objects.size();
        written_.bytes += text_.size();
        if (total_ > 0)
            written_.permyriad =
                static_cast<unsigned>(std::min(written_.objects, total_) * 10'000 / total_);
        control_.note(written_);
        return control_.go_on() ? std::nullopt : std::optional(JobEnd{JobState::canceled});
    }

    bool go_on(std::chrono::milliseconds stalled) {
        gave_way_ = stalled >= longest_stall && control_.holds_up_others();
        return control_.go_on() && !gave_way_;
    }

    ObjectReports reports_;
    ObjectQuery query_;
    LineWriter writer_;
    JobControl& control_;
    std::uint64_t total_ = 0;
    JobControl::Progress written_;
    std::string text_;
    bool gave_way_ = false;
};

} // namespace

JobWork dump_work(index::Index& index, InUseSource in_use, std::optional<std::string> volume,
                  Fd output) {
    // What a function holds has to be copyable.
    const auto shared = std::make_shared<Fd>(std::move(output));
    return [&index, in_use = std::move(in_use), volume = std::move(volume),
            shared](JobControl& control) {
        ignore_broken_pipes();
        return Dump(index, in_use, volume, std::move(*shared), control).run();
    };
}

} // namespace cachefiles::daemon::admin
