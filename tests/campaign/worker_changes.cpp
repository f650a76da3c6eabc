// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/worker.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace cachefiles::campaign {

void acquire(Workload& workload, CachedFile& file) {
    const std::string& key = file.source.key();
    const std::string aux = file.source.aux(file.version);
    cachefiles_volume* volume = workload.volumes[file.source.volume()];
    if (volume == nullptr ||
        cachefiles_acquire_cookie(volume, key.data(), key.size(), aux.data(), aux.size(),
                                  file.source.size(file.version), &file.cookie) < 0) {
        file.cookie = nullptr;
        return;
    }
    workload.journal.current(file.source.number(), file.version);
}

void Worker::advance(CachedFile& file) {
    const std::uint32_t version = file.version + 1;
    if (file.source.step(version).change == Source::Change::rewrite) {
        invalidate(file, version);
        return;
    }
    const std::shared_lock life(file.life);
    const std::unique_lock content(file.content);
    // Another thread may have been faster.
    if (file.cookie == nullptr || file.version + 1 != version)
        return;
    if (!file.modifying) {
        if (cachefiles_use(file.cookie, CACHEFILES_MODIFY) < 0)
            return;
        file.modifying = true;
        work_.journal.modifying(file.source.number());
    }
    file.coming = version;
    work_.journal.coming(file.source.number(), version);
    if (file.source.step(version).change == Source::Change::modify)
        modify(file, version);
    else
        resize(file, version);
    file.version = version;
    // Sometimes it goes on: until then the cache has the data under the old coherency data.
    if (!random_.one_in(3))
        end_modification(file);
}

void Worker::invalidate(CachedFile& file, std::uint32_t version) {
    const std::shared_lock life(file.life);
    const std::shared_lock content(file.content); // readers go on
    const std::unique_lock coherency(file.coherency);
    if (file.cookie == nullptr || file.version + 1 != version)
        return;
    file.coming = version;
    work_.journal.coming(file.source.number(), version);
    const std::string aux = file.source.aux(version);
    const unsigned flags = random_.one_in(10) ? CACHEFILES_DIRECT : 0;
    const int result = cachefiles_invalidate(file.cookie, aux.data(), aux.size(),
                                             file.source.size(version), flags);
    file.version = version;
    if (result >= 0)
        work_.journal.current(file.source.number(), version);
}

void Worker::modify(CachedFile& file, std::uint32_t version) {
    const Source::Step step = file.source.step(version);
    std::array<std::uint64_t, 2> cuts{step.start, step.end};
    if (random_.one_in(2)) // in two pieces
        cuts[0] += random_.below(step.end - step.start);
    modify_range(file, version, step.start, cuts[0]);
    modify_range(file, version, cuts[0], cuts[1]);
}

void Worker::modify_range(CachedFile& file, std::uint32_t version, std::uint64_t start,
                          std::uint64_t end) {
    if (start == end)
        return;
    buffer_.resize(end - start);
    (void)file.source.read(version, start, buffer_);
    const ssize_t count = cachefiles_modify(file.cookie, buffer_.data(), buffer_.size(), start);
    if (count != static_cast<ssize_t>(buffer_.size()))
        work_.journal.unknown(file.source.number());
}

void Worker::resize(CachedFile& file, std::uint32_t version) {
    const std::uint64_t size = file.source.size(version);
    if (cachefiles_resize(file.cookie, size) >= 0)
        return;
    work_.journal.unknown(file.source.number());
    cachefiles_update(file.cookie, nullptr, 0, &size);
}

/// `content` is held exclusively.
void Worker::end_modification(CachedFile& file) {
    if (!file.modifying)
        return;
    const std::string aux = file.source.aux(file.version);
    const std::uint64_t size = file.source.size(file.version);
    const int result = cachefiles_unuse(file.cookie, aux.data(), aux.size(), &size);
    file.modifying = false;
    work_.journal.modified(file.source.number());
    if (result >= 0)
        work_.journal.current(file.source.number(), file.version);
}

void Worker::acquire_anew(CachedFile& file) {
    const std::unique_lock life(file.life);
    const std::unique_lock content(file.content);
    const std::scoped_lock holds(file.holds_mutex);
    if (file.cookie != nullptr) {
        end_modification(file);
        for (; file.holds > 0; --file.holds)
            cachefiles_unuse(file.cookie, nullptr, 0, nullptr);
        const bool retire = random_.one_in(5);
        if (retire)
            work_.journal.unknown(file.source.number());
        cachefiles_relinquish_cookie(file.cookie, retire ? 1 : 0);
    }
    acquire(work_, file);
}

void Worker::hold(CachedFile& file) {
    const std::shared_lock life(file.life);
    const std::scoped_lock holds(file.holds_mutex);
    if (file.cookie != nullptr && file.holds < 3 && cachefiles_use(file.cookie, 0) >= 0)
        ++file.holds;
}

void Worker::let_go(CachedFile& file) {
    // A modification that goes on is what an open file is.
    const std::shared_lock life(file.life);
    const std::unique_lock content(file.content);
    const std::scoped_lock holds(file.holds_mutex);
    if (file.cookie == nullptr)
        return;
    end_modification(file);
    if (file.holds > 0) {
        --file.holds;
        cachefiles_unuse(file.cookie, nullptr, 0, nullptr);
    }
}

} // namespace cachefiles::campaign
