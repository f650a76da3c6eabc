// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/arena.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace cachefiles::client {

using protocol::netfs::SlotHeader;

std::shared_ptr<const Arena> Arena::map(int descriptor, std::uint64_t size) {
    struct stat status{};
    if (size == 0 || fstat(descriptor, &status) != 0 ||
        static_cast<std::uint64_t>(status.st_size) < size)
        return nullptr;
    const int seals = fcntl(descriptor, F_GET_SEALS);
    if (seals < 0 || (seals & F_SEAL_SHRINK) == 0)
        return nullptr;
    void* memory = mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED)
        return nullptr;
    try {
        return std::make_shared<const Arena>(memory, size);
    } catch (...) {
        munmap(memory, size);
        throw;
    }
}

Arena::~Arena() {
    munmap(const_cast<void*>(memory_), size_);
}

const SlotHeader* Arena::slot(std::uint64_t offset, std::uint32_t capacity) const {
    const std::uint64_t words = (std::uint64_t{capacity} + protocol::netfs::blocks_per_word - 1) /
                                protocol::netfs::blocks_per_word;
    const std::uint64_t bytes = sizeof(SlotHeader) + 8 * words;
    if (offset % protocol::netfs::slot_alignment != 0 || offset > size_ || bytes > size_ - offset)
        return nullptr;
    return reinterpret_cast<const SlotHeader*>(static_cast<const char*>(memory_) + offset);
}

} // namespace cachefiles::client
