// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/exerciser/exercise.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cachefiles::exerciser {

const std::array<Exercise::Kind, 14> Exercise::all_kinds{{
    {"read", 20, &Exercise::read},
    {"write", 20, &Exercise::write},
    {"append", 4, &Exercise::append},
    {"truncate", 6, &Exercise::truncate},
    {"mmap-read", 12, &Exercise::read_mapped},
    {"mmap-write", 12, &Exercise::write_mapped},
    {"fsync", 4, &Exercise::sync},
    {"drop", 8, &Exercise::drop},
    {"reopen", 6, &Exercise::reopen},
    {"rest", 2, &Exercise::rest},
    {"punch", 5, &Exercise::punch},
    {"zero", 3, &Exercise::zero},
    {"allocate", 4, &Exercise::allocate},
    {"copy", 4, &Exercise::copy},
}};

namespace {

bool only_looks(std::string_view kind) {
    return kind == "read" || kind == "mmap-read";
}

std::vector<std::uint8_t> contents(const std::filesystem::path& path) {
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::vector<std::uint8_t> bytes;
    std::size_t used = 0;
    while (true) {
        bytes.resize(used + (1 << 16));
        const ssize_t length = ::read(file.get(), bytes.data() + used, bytes.size() - used);
        if (length < 0)
            throw SystemError(path.native());
        used += static_cast<std::size_t>(length);
        if (length == 0)
            break;
    }
    bytes.resize(used);
    return bytes;
}

} // namespace

Exercise::Exercise(Options options)
    : options_(std::move(options)), random_(options_.seed),
      file_(open(options_.path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    if (!file_)
        throw SystemError(options_.path.native());
}

std::vector<std::string_view> Exercise::kinds() {
    std::vector<std::string_view> names(all_kinds.size());
    std::ranges::transform(all_kinds, names.begin(), &Kind::name);
    return names;
}

void Exercise::step() {
    std::uint64_t total = 0;
    const auto weight = [&](const Kind& kind) {
        const bool left_out = options_.without.contains(kind.name) ||
                              unsupported_.contains(kind.name) ||
                              (kind.run == &Exercise::rest && options_.rest.count() == 0);
        return left_out ? 0 : kind.weight;
    };
    for (const Kind& kind : all_kinds)
        total += weight(kind);
    if (total == 0)
        throw std::invalid_argument("no operation is left");
    std::uint64_t drawn = random_.below(total);
    for (const Kind& kind : all_kinds) {
        if (drawn < weight(kind)) {
            run(kind);
            return;
        }
        drawn -= weight(kind);
    }
}

void Exercise::look() {
    std::vector<const Kind*> kinds;
    for (const Kind& kind : all_kinds) {
        if (only_looks(kind.name) && !options_.without.contains(kind.name))
            kinds.push_back(&kind);
    }
    run(*kinds.at(random_.below(kinds.size())));
}

void Exercise::run(const Kind& kind) {
    log_.begin();
    current_ = &kind;
    (this->*kind.run)();
    ++done_[static_cast<std::size_t>(&kind - all_kinds.data())];
}

void Exercise::finish() {
    log_.begin();
    log_.note("the end");
    drop_pages();
    file_.reset();
    check_all("the whole file", options_.path);
    check_twin();
    file_.reset(open(options_.path.c_str(), O_RDWR | O_CLOEXEC));
    check_size();
}

void Exercise::corrupt() {
    while (model_.size() == 0)
        step();
    const auto offset = static_cast<off_t>(random_.below(model_.size()));
    const Fd other(open(options_.path.c_str(), O_RDWR | O_CLOEXEC));
    std::uint8_t byte = 0;
    if (pread(other.get(), &byte, 1, offset) != 1)
        throw SystemError("cannot read what is to be corrupted");
    byte ^= 0x10;
    if (pwrite(other.get(), &byte, 1, offset) != 1)
        throw SystemError("cannot corrupt");
}

std::string Exercise::summary() const {
    std::string text;
    for (std::size_t i = 0; i < all_kinds.size(); ++i) {
        if (done_[i] != 0)
            text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", all_kinds[i].name, done_[i]);
    }
    for (const std::string& name : unsupported_)
        text += fmt::format("; not supported here: {}", name);
    return text;
}

/// A range that begins below `limit`, and ends below the largest size. Often at the edge of a page
/// or of 256 KiB, where caches make their mistakes.
Exercise::Range Exercise::range_below(std::size_t limit) {
    constexpr std::array<std::size_t, 4> grains{1, 1, 4096, 256 << 10};
    std::size_t offset = random_.below(std::max<std::size_t>(limit, 1));
    offset -= offset % grains[random_.below(grains.size())];
    std::size_t length = 1 + random_.below(options_.longest);
    if (random_.one_in(4))
        length = std::max<std::size_t>(length - length % 4096, 1);
    return {offset, std::min(length, options_.largest - offset)};
}

std::span<const std::uint8_t> Exercise::fresh_data(std::size_t length) {
    data_.resize(std::max(data_.size(), length));
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < length; ++i, bits >>= 8) {
        if (i % 8 == 0)
            bits = random_.next();
        data_[i] = static_cast<std::uint8_t>(bits);
    }
    return std::span(data_).first(length);
}

bool Exercise::supported(long result, std::string_view what) {
    if (result >= 0)
        return true;
    if (errno != EOPNOTSUPP && errno != ENOSYS && errno != ENODEV)
        throw SystemError(fmt::format("{}operation {}: {}", log_.tail(), log_.number(), what));
    unsupported_.emplace(current_->name);
    return false;
}

void Exercise::check_size() {
    struct stat status{};
    if (fstat(file_.get(), &status) != 0)
        throw SystemError("fstat");
    if (static_cast<std::size_t>(status.st_size) != model_.size())
        fail(fmt::format("the size is {:#x} instead of {:#x}", status.st_size, model_.size()));
}

void Exercise::check(std::string_view what, std::size_t offset,
                     std::span<const std::uint8_t> got) const {
    if (const auto wrong = model_.compare(offset, got))
        fail(fmt::format("{}: offset {:#x}: expected {:02x}, got {:02x}; {} bytes differ of {}; "
                         "it was last changed by operation {}",
                         what, wrong->offset, wrong->expected, wrong->got, wrong->count, got.size(),
                         wrong->changed_by));
}

void Exercise::check_all(std::string_view what, const std::filesystem::path& path) const {
    const std::vector<std::uint8_t> got = contents(path);
    check(what, 0, got);
    if (got.size() != model_.size())
        fail(fmt::format("{}: {:#x} bytes instead of {:#x}", what, got.size(), model_.size()));
}

void Exercise::check_twin() const {
    if (!options_.twin.empty())
        check_all("the twin", options_.twin);
}

void Exercise::fail(const std::string& text) const {
    throw Mismatch(fmt::format("the last operations:\n{}operation {}, seed {}: {}", log_.tail(),
                               log_.number(), options_.seed, text));
}

} // namespace cachefiles::exerciser
