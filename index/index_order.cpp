// SPDX-License-Identifier: GPL-2.0-or-later
// The members of Index that are about recency, bulk loads and durability.
#include "index/index_impl.hpp"
#include "index/oldest_search.hpp"
#include "index/verifier.hpp"

#include <algorithm>
#include <chrono>

namespace cachefiles::index {
namespace {

/// Entries of the order that are counted in one step.
constexpr std::size_t entries_per_step = 200'000;

} // namespace

std::vector<Object> Index::oldest(const OldestQuery& query) {
    OldestSearch search(query);
    bool first = true;
    const auto step = [&](Store& store) {
        if (first)
            impl_->flush(store);
        first = false;
        try {
            return search.step(store);
        } catch (...) {
            search.start_over();
            throw;
        }
    };
    while (impl_->with(step)) {
    }
    return search.take();
}

std::optional<Seconds> Index::nth_oldest_use(std::uint64_t skip) {
    RecencyCursor cursor;
    std::optional<Seconds> found;
    bool first = true;
    const auto step = [&](Store& store) {
        if (first)
            impl_->flush(store);
        first = false;
        return store.order().walk(cursor, entries_per_step, [&](const RecencyCursor& here) {
            if (skip > 0) {
                --skip;
                return true;
            }
            found = here.last_use;
            return false;
        });
    };
    while (!found && impl_->with(step)) {
    }
    return found;
}

std::optional<Seconds> Index::oldest_use() {
    return impl_->with([this](Store& store) {
        std::optional<Seconds> oldest;
        RecencyCursor cursor;
        store.order().walk(cursor, entries_per_step / 20, [&](const RecencyCursor& here) {
            if (oldest && *oldest <= here.last_use)
                return false; // those that follow are no older
            const Seconds touched = impl_->touches.find(ObjectId(here.id)).value_or(here.last_use);
            const Seconds used = std::max(touched, here.last_use);
            oldest = std::min(oldest.value_or(used), used);
            return true;
        });
        return oldest;
    });
}

std::size_t Index::walk_order(RecencyCursor& cursor, std::size_t steps) {
    return impl_->with([&](Store& store) {
        std::size_t walked = 0;
        RecencyCursor here = cursor; // it stays where it is if this fails
        (void)store.order().walk(here, steps, [&walked](const RecencyCursor&) {
            ++walked;
            return true;
        });
        cursor = here;
        return walked;
    });
}

void Index::begin_load() {
    impl_->with([](Store& store) {
        if (store.volumes().totals().objects == 0) {
            store.change();
            store.order().drop();
        }
    });
}

void Index::end_load() {
    impl_->with([](Store& store) {
        if (!store.order().built()) {
            store.change();
            store.order().build();
        }
    });
    commit();
}

bool Index::commit() {
    const std::lock_guard lock(impl_->mutex);
    try {
        impl_->flush_if_due(impl_->keeper.store());
    } catch (const sqlite::SqliteError& error) {
        impl_->keeper.recover(error);
    }
    const bool anything = impl_->keeper.store().waiting_since().has_value();
    const std::chrono::nanoseconds start = impl_->clock.monotonic();
    const bool durable = impl_->keeper.commit();
    if (anything)
        impl_->commit_times.observe(impl_->clock.monotonic() - start);
    return durable;
}

bool Index::commit_if_due() {
    const bool due = impl_->with([this](Store& store) {
        impl_->flush_if_due(store);
        const std::optional<std::chrono::nanoseconds> since = store.waiting_since();
        return since && (store.changes() >= impl_->options.commit_count ||
                         impl_->clock.monotonic() - *since >= impl_->options.commit_interval);
    });
    return !due || commit();
}

std::vector<std::string> Index::verify(const std::function<bool(std::uint64_t rows)>& go_on) {
    const std::lock_guard alone(impl_->long_work);
    std::optional<Verifier> verifier;
    std::uint64_t generation = 0;
    const auto step = [&](Store& store) {
        if (verifier && impl_->keeper.generation() != generation) {
            verifier->let_go(); // perhaps its store is gone; what it counted is
            verifier.reset();
            store.volumes().set_audit(nullptr);
        }
        if (!verifier) {
            impl_->flush(store);
            verifier.emplace(store);
            generation = impl_->keeper.generation();
        }
        return verifier->step();
    };
    for (bool more = true; more;) {
        more = impl_->with(step);
        if (go_on && verifier && !go_on(verifier->rows()))
            break;
    }
    if (!verifier) // not even a second database could be read
        return {"the index cannot be read"};
    std::vector<std::string> differences = verifier->take();
    const std::lock_guard lock(impl_->mutex); // letting go of the audit is a change
    verifier.reset();
    return differences;
}

bool Index::uncommitted() {
    return impl_->with([](Store& store) { return store.waiting_since().has_value(); });
}

const Histogram& Index::commit_times() const {
    return impl_->commit_times;
}

std::uint64_t Index::generation() {
    const std::lock_guard lock(impl_->mutex);
    return impl_->keeper.generation();
}

} // namespace cachefiles::index
