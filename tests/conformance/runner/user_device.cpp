// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/conformance/runner/user_device.hpp"

#include "tests/conformance/runner/text.hpp"

#include <fcntl.h>
#include <poll.h>

#include <expected>
#include <filesystem>
#include <utility>

namespace cachefiles::conformance {

namespace {

/// Of this process, as /proc says it of any caller of the device file.
cache::driver::Caller caller() {
    return {.directory = Fd(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)),
            .root = Fd(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC))};
}

} // namespace

UserDevice::UserDevice(cache::Model& model, const Clock& clock, Log& log)
    : clock_(clock), log_(log),
      driver_({.model = model,
               .log = log,
               .clock = clock,
               .make_store =
                   [this](cache::store::Options options) { return make_store(std::move(options)); },
               .on_withdrawn =
                   [this] {
                       index_.reset();
                   }}) {}

/// The index lies in the cache's directory, so that it goes with it, and comes with it.
std::shared_ptr<cache::store::Store> UserDevice::make_store(cache::store::Options options) {
    index::IndexOptions where;
    where.path = options.root / "index.db";
    where.reserve = 0;
    index_.reset();
    index_ = index::Index::open(where, clock_, log_);
    options.index = index_.get();
    try {
        return std::make_shared<cache::store::Store>(std::move(options));
    } catch (...) { // a directory that cannot be a cache is left as it was
        index_.reset();
        for (const char* const suffix : {"", "-wal", "-shm", "-lock"})
            std::filesystem::remove(where.path.string() + suffix);
        throw;
    }
}

Reply UserDevice::execute(const Words& request) {
    const std::string& verb = request.at(1);
    if (verb == "open")
        return open(request.size() > 2 ? request[2] : "");
    if (verb == "again") {
        const auto second = driver_.open([] {});
        return second ? "ok" : errno_name(second.error());
    }
    if (verb == "close") {
        open_.reset();
        return "ok";
    }
    if (verb == "write")
        return write(request.at(2));
    if (verb == "writev") { // FUSE makes one request of it
        std::string bytes;
        for (std::size_t i = 2; i < request.size(); ++i)
            bytes += request[i];
        return write(bytes);
    }
    if (verb == "read")
        return read(parse_number(request.at(2)));
    if (verb == "poll")
        return poll();
    throw ScriptError("the device does not know " + verb);
}

Reply UserDevice::open(const std::string& how) {
    auto opened = driver_.open([] {});
    if (!opened)
        return errno_name(opened.error());
    open_ = *std::move(opened);
    readable_ = how != "write";
    writable_ = how != "read";
    return "ok";
}

Reply UserDevice::write(const std::string& bytes) {
    if (!open_ || !writable_)
        return "EBADF";
    const int error = open_->command(bytes, caller());
    return error == 0 ? std::to_string(bytes.size()) : errno_name(error);
}

Reply UserDevice::read(std::size_t size) {
    if (!open_ || !readable_)
        return "EBADF";
    const std::expected<std::string, int> line = open_->read(size);
    return line ? "state " + *line : errno_name(line.error());
}

Reply UserDevice::poll() const {
    if (!open_)
        return "nval";
    const short events = open_->poll();
    std::string text = (events & POLLIN) != 0 ? "in" : "";
    if ((events & POLLOUT) != 0)
        text += text.empty() ? "out" : " out";
    return text.empty() ? "nothing" : text;
}

void UserDevice::add_stats(Stats& stats) const {
    const cache::driver::NoSpace& now = driver_.no_space();
    stats["NoSpace.nwr"] = now.writes;
    stats["NoSpace.ncr"] = now.creates;
    stats["NoSpace.cull"] = now.culled;
}

} // namespace cachefiles::conformance
