// SPDX-License-Identifier: GPL-2.0-or-later
// What is done to the file, and at the same time to the model.
#include "base/error.hpp"
#include "tests/mount/exerciser/exercise.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <thread>

namespace cachefiles::exerciser {
namespace {

constexpr std::size_t page = 4096;

/// Part of a file, mapped; `data` begins at the offset that was asked for.
class Mapping final {
public:
    Mapping(int fd, int protection, std::size_t offset, std::size_t length)
        : before_(offset % page), length_(length + before_),
          address_(mmap(nullptr, length_, protection, MAP_SHARED, fd,
                        static_cast<off_t>(offset - before_))) {}
    ~Mapping() {
        if (address_ != MAP_FAILED)
            munmap(address_, length_);
    }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;

    [[nodiscard]] int result() const { return address_ == MAP_FAILED ? -1 : 0; }
    [[nodiscard]] std::uint8_t* data() const {
        return static_cast<std::uint8_t*>(address_) + before_;
    }
    [[nodiscard]] int sync() const { return msync(address_, length_, MS_SYNC); }

private:
    std::size_t before_, length_;
    void* address_;
};

void write_all(int fd, std::span<const std::uint8_t> data, std::size_t offset, bool at_the_end) {
    while (!data.empty()) {
        const ssize_t length =
            at_the_end ? ::write(fd, data.data(), data.size())
                       : pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
        if (length <= 0)
            throw SystemError("write");
        offset += static_cast<std::size_t>(length);
        data = data.subspan(static_cast<std::size_t>(length));
    }
}

std::string of_range(std::string_view what, std::size_t offset, std::size_t length) {
    return fmt::format("{} {:#x}..{:#x} ({:#x} bytes)", what, offset, offset + length, length);
}

} // namespace

void Exercise::read() {
    const Range range = range_below(options_.largest);
    log_.note(of_range("read", range.offset, range.length));
    data_.resize(std::max(data_.size(), range.length));
    std::size_t got = 0;
    while (got < range.length) {
        const ssize_t length = pread(file_.get(), data_.data() + got, range.length - got,
                                     static_cast<off_t>(range.offset + got));
        if (length < 0)
            throw SystemError(log_.tail() + "read");
        if (length == 0)
            break;
        got += static_cast<std::size_t>(length);
    }
    const std::size_t there =
        std::min(range.length, model_.size() - std::min(range.offset, model_.size()));
    check("read", range.offset, std::span(data_).first(got));
    if (got != there)
        fail(fmt::format("read: {:#x} bytes instead of {:#x}", got, there));
}

void Exercise::write() {
    const Range range = range_below(options_.largest);
    log_.note(of_range("write", range.offset, range.length));
    const auto data = fresh_data(range.length);
    write_all(file_.get(), data, range.offset, false);
    model_.write(range.offset, data, log_.number());
    check_size();
}

void Exercise::append() {
    const std::size_t length = std::min<std::size_t>(1 + random_.below(options_.longest),
                                                     options_.largest - model_.size());
    log_.note(of_range("append", model_.size(), length));
    const auto data = fresh_data(length);
    const Fd file(open(options_.path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (!file)
        throw SystemError(log_.tail() + "open to append");
    write_all(file.get(), data, 0, true);
    model_.write(model_.size(), data, log_.number());
    check_size();
}

void Exercise::truncate() {
    std::size_t size = random_.below(options_.largest + 1);
    if (random_.one_in(8))
        size = 0;
    if (random_.one_in(4))
        size -= size % page;
    const bool by_name = random_.one_in(4);
    log_.note(
        fmt::format("truncate{} {:#x} -> {:#x}", by_name ? " by name" : "", model_.size(), size));
    const int result = by_name ? ::truncate(options_.path.c_str(), static_cast<off_t>(size))
                               : ftruncate(file_.get(), static_cast<off_t>(size));
    if (result != 0)
        throw SystemError(log_.tail() + "truncate");
    model_.resize(size, log_.number());
    check_size();
}

void Exercise::read_mapped() {
    if (model_.size() == 0)
        return;
    Range range = range_below(model_.size());
    // To the end of the last page, which has zeros there, but not beyond it.
    const std::size_t pages_end = (model_.size() + page - 1) / page * page;
    range.length = std::min(range.length, pages_end - range.offset);
    log_.note(of_range("mmap-read", range.offset, range.length));
    const Mapping mapping(file_.get(), PROT_READ, range.offset, range.length);
    if (supported(mapping.result(), "mmap"))
        check("mmap-read", range.offset, std::span(mapping.data(), range.length));
}

void Exercise::write_mapped() {
    if (model_.size() == 0)
        return;
    Range range = range_below(model_.size());
    range.length = std::min(range.length, model_.size() - range.offset);
    const bool synced = random_.one_in(3);
    log_.note(of_range(synced ? "mmap-write, msync" : "mmap-write", range.offset, range.length));
    const Mapping mapping(file_.get(), PROT_READ | PROT_WRITE, range.offset, range.length);
    if (!supported(mapping.result(), "mmap"))
        return;
    const auto data = fresh_data(range.length);
    std::ranges::copy(data, mapping.data());
    if (synced && mapping.sync() != 0)
        throw SystemError(log_.tail() + "msync");
    model_.write(range.offset, data, log_.number());
}

void Exercise::sync() {
    const bool data_only = random_.one_in(2);
    log_.note(data_only ? "fdatasync" : "fsync");
    if ((data_only ? fdatasync(file_.get()) : fsync(file_.get())) != 0)
        throw SystemError(log_.tail() + "fsync");
    check_twin();
}

void Exercise::drop() {
    log_.note("drop the kernel's pages");
    drop_pages();
}

/// What is read next is what the file system below has.
void Exercise::drop_pages() {
    if (fdatasync(file_.get()) != 0)
        throw SystemError(log_.tail() + "fdatasync");
    posix_fadvise(file_.get(), 0, 0, POSIX_FADV_DONTNEED);
}

void Exercise::reopen() {
    if (file_)
        log_.note("close and open");
    if (file_ && close(file_.release()) != 0)
        throw SystemError(log_.tail() + "close");
    check_twin();
    file_.reset(open(options_.path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file_)
        throw SystemError(log_.tail() + "open");
    check_size();
}

/// A cache does not take a file that changes all the time. Here it has the time, and a reader.
void Exercise::rest() {
    log_.note("close, rest, read all of it, open");
    drop_pages();
    file_.reset();
    std::this_thread::sleep_for(options_.rest);
    check_all("at rest", options_.path);
    std::this_thread::sleep_for(options_.rest / 4);
    reopen();
}

void Exercise::change_space(int mode, const Range& range, std::string_view what) {
    log_.note(of_range(what, range.offset, range.length));
    if (!supported(fallocate(file_.get(), mode, static_cast<off_t>(range.offset),
                             static_cast<off_t>(range.length)),
                   what))
        return;
    if ((mode & FALLOC_FL_KEEP_SIZE) == 0 && range.end() > model_.size())
        model_.resize(range.end(), log_.number());
    if ((mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) != 0)
        model_.zero(range.offset, range.length, log_.number());
    check_size();
}

void Exercise::punch() {
    change_space(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, range_below(options_.largest),
                 "punch");
}

void Exercise::zero() {
    const bool keep = random_.one_in(2);
    change_space(FALLOC_FL_ZERO_RANGE | (keep ? FALLOC_FL_KEEP_SIZE : 0),
                 range_below(options_.largest), keep ? "zero, size kept" : "zero");
}

void Exercise::allocate() {
    const bool keep = random_.one_in(2);
    change_space(keep ? FALLOC_FL_KEEP_SIZE : 0, range_below(options_.largest),
                 keep ? "allocate, size kept" : "allocate");
}

void Exercise::copy() {
    if (model_.size() < 2)
        return;
    // One half of what lies between two points to the other: they do not overlap.
    Range range = range_below(model_.size() - 1);
    range.length = std::min(range.length, (model_.size() - range.offset) / 2);
    if (range.length == 0)
        return;
    std::size_t from = range.offset;
    std::size_t to = range.end() + random_.below(options_.largest - range.end() - range.length + 1);
    if (to + range.length <= model_.size() && random_.one_in(2))
        std::swap(from, to);
    log_.note(of_range("copy", from, range.length) + fmt::format(" to {:#x}", to));
    auto source = static_cast<off_t>(from);
    auto target = static_cast<off_t>(to);
    const ssize_t length =
        copy_file_range(file_.get(), &source, file_.get(), &target, range.length, 0);
    if (!supported(length, "copy_file_range"))
        return;
    model_.copy(from, to, static_cast<std::size_t>(length), log_.number());
    check_size();
}

} // namespace cachefiles::exerciser
