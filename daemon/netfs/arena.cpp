// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/arena.hpp"

#include "daemon/netfs/slot.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <string>
#include <utility>

namespace cachefiles::daemon::netfs {
namespace {

/// Those of a mapping that is there already go on writing.
constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;

std::size_t rounded_to_step(std::size_t size) {
    return (size + Arena::step - 1) / Arena::step * Arena::step;
}

} // namespace

std::expected<std::shared_ptr<Arena>, int> Arena::make(std::size_t size,
                                                       std::shared_ptr<Quota> memory) {
    size = rounded_to_step(std::max(size, step));
    Fd file(memfd_create("cachefiles maps", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file || ftruncate(file.get(), static_cast<off_t>(size)) != 0)
        return std::unexpected(errno);
    void* const base =
        mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file.get(), 0);
    if (base == MAP_FAILED)
        return std::unexpected(errno);
    std::shared_ptr<Arena> arena(
        new Arena(std::move(file), static_cast<std::byte*>(base), size, std::move(memory)));
    // The mode: so that no other user opens /proc/PID/fd/N for writing, which allocates memory.
    if (fchmod(arena->memory_.get(), S_IRUSR | S_IRGRP | S_IROTH) != 0 ||
        fcntl(arena->memory_.get(), F_ADD_SEALS, seals) != 0)
        return std::unexpected(errno);
    return arena;
}

Arena::Arena(Fd memory, std::byte* base, std::size_t size, std::shared_ptr<Quota> quota)
    : memory_(std::move(memory)), base_(base), size_(size), quota_(std::move(quota)) {}

Arena::~Arena() {
    munmap(base_, size_);
}

Fd Arena::open_for_client() const {
    const std::string path = "/proc/self/fd/" + std::to_string(memory_.get());
    Fd opened(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened && errno == ENOENT) // no /proc: the seals are what counts
        opened.reset(fcntl(memory_.get(), F_DUPFD_CLOEXEC, 0));
    return opened;
}

std::expected<std::shared_ptr<Slot>, int> Arena::slot(std::uint32_t blocks) {
    const std::size_t words = (std::size_t{blocks} + protocol::netfs::blocks_per_word - 1) /
                              protocol::netfs::blocks_per_word;
    const std::size_t needed =
        std::max(smallest, sizeof(protocol::netfs::SlotHeader) + words * sizeof(std::uint64_t));
    const auto size_class =
        static_cast<std::size_t>(std::bit_width((needed - 1) / smallest)); // 0: fits the smallest
    std::expected<Place, int> place = find_place(size_class);
    if (!place)
        return std::unexpected(place.error());
    return std::make_shared<Slot>(shared_from_this(), *place);
}

std::expected<Arena::Place, int> Arena::find_place(std::size_t size_class) {
    if (size_class >= sizes)
        return std::unexpected(EMFILE);
    const std::lock_guard lock(mutex_);
    Place place{.offset = top_, .size_class = size_class};
    std::vector<std::size_t>& free = free_[size_class];
    if (!free.empty()) {
        place.offset = free.back();
        free.pop_back();
        return place;
    }
    const std::size_t top = top_ + (smallest << size_class);
    if (const int error = grow_to(top))
        return std::unexpected(error);
    free.reserve(free.size() + 1); // give_back() cannot fail
    top_ = top;
    return place;
}

int Arena::grow_to(std::size_t top) {
    if (top > size_)
        return EMFILE;
    if (top <= backed_)
        return 0;
    const std::size_t more = rounded_to_step(top) - backed_;
    std::expected<Quota::Share, int> share = Quota::take(quota_, more);
    if (!share)
        return share.error();
    // A page that cannot be had when it is written is a SIGBUS.
    if (fallocate(memory_.get(), 0, static_cast<off_t>(backed_), static_cast<off_t>(more)) != 0)
        return ENOMEM;
    shares_.push_back(*std::move(share));
    backed_ += more;
    return 0;
}

void Arena::give_back(const Place& place) {
    const std::lock_guard lock(mutex_);
    free_[place.size_class].push_back(place.offset);
}

} // namespace cachefiles::daemon::netfs
