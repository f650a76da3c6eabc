// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/quota.hpp"

#include <cerrno>

namespace cachefiles::daemon::netfs {

void Quota::Share::reset() {
    if (const std::shared_ptr<Quota> of = std::exchange(of_, nullptr))
        of->give_back(std::exchange(amount_, 0));
}

std::expected<Quota::Share, int> Quota::take(const std::shared_ptr<Quota>& from,
                                             std::uint64_t amount) {
    for (Quota* quota = from.get(); quota != nullptr; quota = quota->above_.get()) {
        if (quota->add(amount))
            continue;
        for (Quota* taken = from.get(); taken != quota; taken = taken->above_.get())
            taken->used_.fetch_sub(amount, std::memory_order_relaxed);
        return std::unexpected(quota == from.get() ? EMFILE : ENFILE);
    }
    return Share(from, amount);
}

bool Quota::add(std::uint64_t amount) {
    std::uint64_t used = used_.load(std::memory_order_relaxed);
    do {
        if (amount > limit_ || used > limit_ - amount)
            return false;
    } while (!used_.compare_exchange_weak(used, used + amount, std::memory_order_relaxed));
    return true;
}

void Quota::give_back(std::uint64_t amount) {
    for (Quota* quota = this; quota != nullptr; quota = quota->above_.get())
        quota->used_.fetch_sub(amount, std::memory_order_relaxed);
}

} // namespace cachefiles::daemon::netfs
