// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "client/open_file.hpp"

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace cachefiles::client {

/// Keeps a file open while somebody may be reading it, without a lock: sleepable RCU. A reader
/// counts itself in, and only then loads the pointer to the file; whoever takes the pointer away
/// retires the file, which is freed once each counter has been seen at zero after that. There are
/// two counters for each stripe, so that they come to zero however many readers there are: new
/// ones go to the one while the other is waited for.
class ReadSections final {
    struct alignas(64) Stripe {
        std::array<std::atomic<std::uint32_t>, 2> readers{};
    };

public:
    /// For as long as it lives, what `current` pointers held after it began is not freed.
    class Section final {
    public:
        explicit Section(ReadSections& sections) noexcept
            : count_(sections.stripe().readers[sections.phase_.load(std::memory_order_relaxed)]) {
            count_.fetch_add(1, std::memory_order_seq_cst);
        }
        ~Section() { count_.fetch_sub(1, std::memory_order_release); }
        Section(const Section&) = delete;
        Section& operator=(const Section&) = delete;

    private:
        std::atomic<std::uint32_t>& count_;
    };

    /// One caller at a time, of this and what follows. Before a `current` pointer points to
    /// another file: makes the room that retire() needs, which cannot fail.
    void admit();
    /// No `current` pointer points to it any more.
    void retire(std::shared_ptr<const OpenFile> file) noexcept;
    /// Those that nobody reads: for the caller to let go of, outside of its locks (the last close
    /// of a deleted file may take long).
    [[nodiscard]] std::vector<std::shared_ptr<const OpenFile>> collect();
    [[nodiscard]] bool pending() const { return !retired_.empty(); }

private:
    struct Retired {
        std::shared_ptr<const OpenFile> file;
        std::array<bool, 2> seen_idle{};
    };
    static constexpr std::size_t stripes = 32; ///< threads that read at the same time, roughly

    /// Threads' stacks lie apart by powers of two: multiplying spreads them.
    [[nodiscard]] Stripe& stripe() noexcept {
        const auto self = static_cast<std::uint64_t>(pthread_self());
        return stripes_[((self >> 6) * 0x9E3779B97F4A7C15U) >> 59];
    }
    [[nodiscard]] bool idle(std::size_t phase) const;

    std::array<Stripe, stripes> stripes_;
    std::atomic<std::size_t> phase_{0};
    std::vector<Retired> retired_;
    std::size_t admitted_ = 0;
};

} // namespace cachefiles::client
