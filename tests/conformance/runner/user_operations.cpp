// SPDX-License-Identifier: GPL-2.0-or-later
/// A network file system's operations, by the user backend's own means: what a client of it does.
#include "tests/conformance/runner/text.hpp"
#include "tests/conformance/runner/user_target.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <expected>
#include <span>
#include <utility>

namespace cachefiles::conformance {

namespace {

constexpr char unread = '\xee'; // as the kernel module has it

using protocol::netfs::ReadPlan;
using protocol::netfs::ReadSource;

/// Where it begins is said only if that is somewhere else than the driver would begin.
Reply describe(const ReadPlan& plan, std::uint64_t start) {
    const std::string from = plan.start == start ? "" : fmt::format(" from {}", plan.start);
    switch (plan.source) {
    case ReadSource::zero:
        return fmt::format("zero {}{}", plan.length, from);
    case ReadSource::cache:
        return fmt::format("cache {}{}", plan.length, from);
    case ReadSource::download_store:
        return fmt::format("download {} copy{}", plan.length, from);
    case ReadSource::download:
        return fmt::format("download {}{}", plan.length, from);
    }
    return "invalid";
}

} // namespace

Reply UserTarget::begin(const Words& words) {
    const auto place = cookies_.find(words.at(2));
    if (place == cookies_.end())
        return "ENOBUFS";
    std::promise<cache::OperationPtr> begun;
    model_.begin_operation(place->second,
                           [&begun](std::expected<cache::OperationPtr, std::errc> operation) {
                               begun.set_value(operation ? *operation : nullptr);
                           });
    const cache::OperationPtr operation = begun.get_future().get();
    if (!operation)
        return "ENOBUFS";
    operations_[words.at(1)] = {.operation = operation, .cookie = place->second, .grant = {}};
    return "ok";
}

Reply UserTarget::on_operation(const Words& words) {
    const std::string& verb = words[0];
    Running& running = operations_.at(words.at(1));
    if (verb == "read")
        return read(running, words);
    if (verb == "write")
        return write(running, words);
    if (verb == "prepare_read")
        return prepare_read(running, words);
    if (verb == "prepare_write")
        return prepare_write(running, words);
    if (verb == "occupancy")
        return occupancy(running, words);
    model_.end_operation(running.operation);
    operations_.erase(words[1]);
    return "ok";
}

std::shared_ptr<cache::BackendFile> UserTarget::file_for(const Running& running, cache::Want want) {
    std::promise<bool> ready;
    model_.wait(running.operation, want, [&ready](bool answer) { ready.set_value(answer); });
    return ready.get_future().get() ? model_.file(running.operation) : nullptr;
}

cache::WritePurpose UserTarget::purpose(const Running& running) const {
    return model_.may_modify(running.cookie) ? cache::WritePurpose::modify
                                             : cache::WritePurpose::fill;
}

Reply UserTarget::read(const Running& running, const Words& words) {
    const std::uint64_t start = parse_number(words.at(2));
    std::string buffer(parse_number(words.at(3)), unread);
    const auto holes = static_cast<cache::HoleMode>(parse_number(words.at(4)));
    const auto file = file_for(running, cache::Want::read);
    if (!file)
        return "ENOBUFS";
    model_.note_read(running.operation);
    const std::expected<std::size_t, int> result =
        cache::read(*file, start, std::as_writable_bytes(std::span(buffer)), holes);
    if (!model_.current(running.operation))
        return "ESTALE";
    return result ? fmt::format("{}:{}", *result, describe_runs(buffer))
                  : errno_name(result.error());
}

Reply UserTarget::prepare_read(const Running& running, const Words& words) {
    const std::uint64_t start = parse_number(words.at(2));
    const std::uint64_t length = parse_number(words.at(3));
    const auto file = file_for(running, cache::Want::read);
    if (!file)
        return fmt::format("download {}", length);
    return describe(file->content().plan_read(start, length), start);
}

Reply UserTarget::prepare_write(Running& running, const Words& words) {
    const auto file = file_for(running, cache::Want::write);
    if (!file)
        return "ENOBUFS";
    running.grant.reset();
    std::expected<cache::WriteGrant, int> grant = cache::prepare_write(
        file, purpose(running), parse_number(words.at(2)), parse_number(words.at(3)));
    if (!grant)
        return errno_name(grant.error());
    running.grant = std::move(*grant);
    return fmt::format("{}+{}", running.grant->start, running.grant->length);
}

/// One that nobody has prepared gets its grant here: nothing is written without. The driver wants
/// whole pages, also of the object's last one; here the padding is not written.
Reply UserTarget::write(Running& running, const Words& words) {
    constexpr std::uint64_t page = 4096;
    const std::uint64_t start = parse_number(words.at(2));
    const std::uint64_t wanted = parse_number(words.at(3));
    const std::uint64_t end = running.cookie->coherency.object_size;
    const bool padded = start < end && end < start + wanted && start + wanted - end < page;
    const std::uint64_t length = padded ? end - start : wanted;
    if (!running.grant) {
        const Reply prepared = prepare_write(
            running, {"prepare_write", words.at(1), words.at(2), std::to_string(length)});
        if (!running.grant)
            return prepared;
    }
    cache::WriteGrant grant = *std::exchange(running.grant, std::nullopt);
    const std::string data(length, static_cast<char>(parse_number(words.at(4))));
    const ssize_t written =
        ::pwrite(grant.file->descriptor(), data.data(), data.size(), static_cast<off_t>(start));
    const int error = written < 0 ? errno
                                  : cache::commit_write(std::move(grant), start,
                                                        static_cast<std::uint64_t>(written));
    model_.note_write(running.operation, error == 0);
    return error != 0 ? errno_name(error) : fmt::format("{}", wanted);
}

Reply UserTarget::occupancy(const Running& running, const Words& words) {
    const auto file = file_for(running, cache::Want::read);
    if (!file)
        return "ENOBUFS";
    const std::optional<cache::Content::Range> data = file->content().first_data(
        {.start = parse_number(words.at(2)), .length = parse_number(words.at(3))});
    return data ? fmt::format("{}+{}", data->start, data->length) : "ENODATA";
}

} // namespace cachefiles::conformance
