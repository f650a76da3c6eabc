// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/journal.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <utility>

namespace cachefiles::campaign {
namespace {

std::uint64_t lines_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    return static_cast<std::uint64_t>(
        std::count(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>(), '\n'));
}

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

} // namespace

Journal::Journal(const std::filesystem::path& path, std::unique_ptr<LogMark> marks)
    : fd_(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644)),
      marks_(std::move(marks)), lines_(lines_of(path)) {
    if (!fd_)
        throw SystemError("open " + path.string());
}

void Journal::append(std::string_view event) {
    const std::scoped_lock lock(mutex_);
    const std::string line = fmt::format("{} {}\n", now_ms(), event);
    if (::write(fd_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        throw SystemError("write the journal");
    ++lines_;
    if (marks_)
        marks_->set(lines_);
}

void Journal::coming(std::uint32_t file, std::uint32_t version) {
    append(fmt::format("b {} {}", file, version));
}

void Journal::current(std::uint32_t file, std::uint32_t version) {
    append(fmt::format("c {} {}", file, version));
}

void Journal::modifying(std::uint32_t file) {
    append(fmt::format("m {}", file));
}

void Journal::modified(std::uint32_t file) {
    append(fmt::format("u {}", file));
}

void Journal::stored(std::uint32_t file, std::uint32_t version, std::uint64_t start,
                     std::uint64_t length) {
    append(fmt::format("s {} {} {} {}", file, version, start, length));
}

void Journal::unknown(std::uint32_t file) {
    append(fmt::format("x {}", file));
}

} // namespace cachefiles::campaign
