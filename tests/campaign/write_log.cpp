// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/write_log.hpp"

#include "base/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <span>

namespace cachefiles::campaign {
namespace {

// As dm-log-writes.c writes them; the machines it is tried on are little-endian.
struct Super {
    std::uint64_t magic;
    std::uint64_t version;
    std::uint64_t entries;
    std::uint32_t unit; // bytes; of every other number of sectors in the log
};
struct Head {
    std::uint64_t sector; // in units
    std::uint64_t count;  // in units
    std::uint64_t flags;
    std::uint64_t text; // bytes that follow: the text of a mark
};

constexpr std::uint64_t super_magic = 0x6a736677736872;
enum : std::uint64_t { flag_flush = 1, flag_fua = 2, flag_discard = 4, flag_mark = 8 };

void read_at(int fd, std::span<std::byte> buffer, std::uint64_t offset) {
    while (!buffer.empty()) {
        const ssize_t count = ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(offset));
        if (count <= 0)
            throw SystemError("read the log of writes", count == 0 ? EINVAL : errno);
        buffer = buffer.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
}

template<class Form>
Form read_form(int fd, std::uint64_t offset) {
    Form form{};
    read_at(fd, std::as_writable_bytes(std::span(&form, 1)), offset);
    return form;
}

} // namespace

WriteLog::WriteLog(const std::filesystem::path& path)
    : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (!fd_)
        throw SystemError("open " + path.string());
    const Super super = read_form<Super>(fd_.get(), 0);
    if (super.magic != super_magic || super.version != 1 || super.unit < sizeof(Head))
        throw SystemError(path.string() + " is no log of writes", EINVAL);
    read_entries(super.entries, super.unit);
}

void WriteLog::read_entries(std::uint64_t count, std::uint64_t unit) {
    std::uint64_t at = unit;
    entries_.reserve(count);
    while (entries_.size() < count) {
        const Head head = read_form<Head>(fd_.get(), at);
        Entry entry{.flush = (head.flags & flag_flush) != 0,
                    .fua = (head.flags & flag_fua) != 0,
                    .discard = (head.flags & flag_discard) != 0,
                    .mark = {},
                    .offset = head.sector * unit,
                    .length = head.count * unit,
                    .data = at + unit};
        if ((head.flags & flag_mark) != 0 && head.text <= unit - sizeof head) {
            entry.mark.resize(head.text);
            read_at(fd_.get(), std::as_writable_bytes(std::span(entry.mark)), at + sizeof head);
        }
        at += unit + (entry.discard ? 0 : entry.length);
        entries_.push_back(std::move(entry));
    }
}

std::vector<std::byte> WriteLog::data(const Entry& entry) const {
    std::vector<std::byte> data(entry.length);
    if (!entry.discard)
        read_at(fd_.get(), data, entry.data);
    return data;
}

} // namespace cachefiles::campaign
