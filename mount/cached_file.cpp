// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/cached_file.hpp"

#include "mount/block_size.hpp"
#include "mount/node_table.hpp"
#include "mount/source.hpp"
#include "mount/storer.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cachefiles::mount {
namespace {

/// As much as there is: fewer at the end of the file.
std::expected<std::size_t, int> read_all(int file, std::span<char> buffer, std::uint64_t start) {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t count = pread(file, buffer.data() + done, buffer.size() - done,
                                    static_cast<off_t>(start + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return std::unexpected(errno);
        if (count == 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

} // namespace

CachedFile::CachedFile(FileServices& services, NodePtr node, std::shared_ptr<const Fd> path,
                       const Attributes& attributes)
    : services_(services), node_(std::move(node)), path_(services.nodes, node_, std::move(path)),
      version_(Version::of(attributes)), attributes_(attributes), locks_(path_) {}

std::string CachedFile::cookie_key() {
    {
        const std::lock_guard lock(node_->mutex);
        if (!node_->handle_key.empty())
            return node_->handle_key;
    }
    Source::CookieKey key = services_.source.cookie_key([this] { return path_.get(); }, attributes_,
                                                        services_.nodes.path_below_root(node_));
    if (!key.of_handle) // a name may change
        return key.text;
    const std::lock_guard lock(node_->mutex);
    return node_->handle_key = std::move(key.text);
}

/// The cookie, acquired when it is wanted first: a file that the kernel has in its pages needs
/// none.
std::shared_ptr<Cookie> CachedFile::cookie() {
    {
        const Lock lock(mutex_);
        if (cookie_)
            return cookie_;
    }
    const std::string key = cookie_key();
    for (;;) {
        const Version wanted = version();
        const std::shared_ptr<Cookie> cookie = services_.cookies.get(key, wanted);
        const Lock lock(mutex_);
        if (cookie_)
            return cookie_;
        if (version_ == wanted)
            return cookie_ = cookie;
    }
}

/// For reading; the same for all who read.
std::expected<int, int> CachedFile::source_file() {
    {
        const Lock lock(mutex_);
        if (source_)
            return source_.get();
    }
    const std::expected<int, int> path = path_.get();
    if (!path)
        return std::unexpected(path.error());
    Fd opened(open(fmt::format("/proc/self/fd/{}", *path).c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened)
        return std::unexpected(errno);
    const Lock lock(mutex_);
    if (!source_)
        source_ = std::move(opened);
    return source_.get();
}

CachedFile::Count CachedFile::download(std::span<char> buffer, std::uint64_t start) {
    const std::expected<int, int> file = source_file();
    Count bytes = file ? read_all(*file, buffer, start) : std::unexpected(file.error());
    if (bytes)
        count(services_.statistics.source_bytes, *bytes);
    else
        count(services_.statistics.source_errors);
    return bytes;
}

CachedFile::Count CachedFile::read(std::span<char> buffer, std::uint64_t start) {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const std::optional<Count> bytes = step(buffer.subspan(done), start + done);
        if (!bytes)
            continue;
        if (!*bytes && done == 0)
            return *bytes;
        if (!*bytes || **bytes == 0)
            break;
        done += **bytes;
    }
    return done;
}

/// Some of it; nothing: what was planned is not so any more.
std::optional<CachedFile::Count> CachedFile::step(std::span<char> buffer, std::uint64_t start) {
    const std::shared_ptr<Cookie> cookie = this->cookie();
    const cachefiles_plan plan = cookie->plan(start, buffer.size());
    switch (plan.source) {
    case CACHEFILES_READ: {
        const std::span<char> part =
            buffer.first(std::min<std::size_t>(buffer.size(), plan.length));
        const ssize_t bytes = cookie->read(part, start);
        if (bytes < 0) // gone meanwhile; rarely, so that there is no need to plan again
            return download(part, start);
        count(services_.statistics.cached_bytes, static_cast<std::uint64_t>(bytes));
        return static_cast<std::size_t>(bytes);
    }
    case CACHEFILES_STORE:
        return fetch(plan, buffer, start);
    case CACHEFILES_ZERO: // beyond the end that the cookie knows
        if (is_behind_end(start))
            return 0;
        break;
    case CACHEFILES_DOWNLOAD:
        break;
    }
    return download(buffer, start);
}

/// The source may have more by now, but the kernel asks for attributes before it reads on behind
/// the end that it knows: this is the rest of the last page. Not so where files are written by way
/// of the mount, and their end moves without a look at the source.
bool CachedFile::is_behind_end(std::uint64_t start) {
    const Lock lock(mutex_);
    return services_.read_only && start >= version_.size;
}

std::optional<CachedFile::Count> CachedFile::fetch(const cachefiles_plan& plan,
                                                   std::span<char> buffer, std::uint64_t start) {
    const std::uint64_t block = start - start % block_size;
    FetchPtr fetch;
    {
        Lock lock(mutex_);
        if (const auto found = fetches_.find(block); found != fetches_.end()) {
            fetch = found->second;
            fetched_.wait(lock, [&fetch] { return fetch->done; });
        } else if (writers_ > 0) { // what it is going to be nobody knows
            lock.unlock();
            return download(
                buffer.first(std::min<std::size_t>(buffer.size(), block + block_size - start)),
                start);
        } else {
            fetch = begin_fetch(lock, block, plan);
            lock.unlock();
            run(fetch);
        }
    }
    if (fetch->error != 0)
        return std::unexpected(fetch->error);
    const std::uint64_t end = fetch->start + fetch->data.size();
    if (start >= end)
        return 0;
    const std::size_t bytes = std::min<std::size_t>(buffer.size(), end - start);
    std::copy_n(fetch->data.begin() + static_cast<std::ptrdiff_t>(start - fetch->start), bytes,
                buffer.begin());
    return bytes;
}

CachedFile::FetchPtr CachedFile::begin_fetch(Lock&, std::uint64_t block,
                                             const cachefiles_plan& plan) {
    FetchPtr fetch = std::make_shared<Fetch>();
    fetch->start = block;
    fetch->length = std::min(block + block_size, plan.start + plan.length) - block;
    fetch->plan = plan;
    fetch->version = version_;
    fetch->began = Version::now();
    fetches_.emplace(block, fetch);
    return fetch;
}

/// The data are there for all who wait when this returns; they are stored later.
void CachedFile::run(const FetchPtr& fetch) {
    std::vector<char> data(fetch->length);
    const Count bytes = download(data, fetch->start);
    data.resize(bytes.value_or(0));
    {
        const Lock lock(mutex_);
        fetch->data = std::move(data);
        fetch->error = bytes ? 0 : bytes.error();
        fetch->done = true;
    }
    fetched_.notify_all();
    if (!bytes || !services_.storer.submit(shared_from_this(), fetch))
        forget(*fetch);
}

void CachedFile::forget(const Fetch& fetch) {
    const Lock lock(mutex_);
    const auto found = fetches_.find(fetch.start);
    if (found != fetches_.end() && found->second.get() == &fetch)
        fetches_.erase(found);
}

void CachedFile::read_ahead(std::uint64_t start) {
    const cachefiles_plan plan = cookie()->plan(start, block_size);
    if (plan.source != CACHEFILES_STORE || plan.start > start)
        return;
    FetchPtr fetch;
    {
        Lock lock(mutex_);
        if (writers_ > 0 || fetches_.contains(start))
            return;
        fetch = begin_fetch(lock, start, plan);
    }
    run(fetch);
}

std::expected<off_t, int> CachedFile::seek(off_t offset, int whence) {
    const std::expected<int, int> file = source_file();
    if (!file)
        return std::unexpected(file.error());
    const off_t found = lseek(*file, offset, whence);
    if (found < 0)
        return std::unexpected(errno);
    return found;
}

Fd CachedFile::cached_range(std::uint64_t start, std::uint64_t length) {
    const std::shared_ptr<Cookie> cookie = this->cookie();
    const cachefiles_plan plan = cookie->plan(start, length);
    if (plan.source != CACHEFILES_READ || plan.length < length)
        return {};
    return cookie->descriptor(start, length);
}

Fd CachedFile::whole() {
    const std::uint64_t size = version().size;
    return size > 0 ? cookie()->descriptor(0, size) : Fd();
}

std::uint64_t CachedFile::cached_bytes() {
    return cookie()->cached_bytes();
}

Version CachedFile::version() {
    const Lock lock(mutex_);
    return version_;
}

bool CachedFile::looked_at(const Version& version) {
    {
        const Lock lock(mutex_);
        if (writers_ > 0 || version == version_)
            return false;
    }
    content_changed(version);
    return true;
}

void CachedFile::content_changed(const Version& version) {
    std::shared_ptr<Cookie> cookie;
    {
        const Lock lock(mutex_);
        version_ = version;
        fetches_.clear();
        cookie = cookie_;
    }
    if (cookie)
        cookie->change_to(version);
    count(services_.statistics.invalidations);
}

void CachedFile::store(std::span<const FetchPtr> fetches) {
    const std::shared_ptr<Cookie> cookie = this->cookie();
    const std::expected<int, int> file = source_file();
    const std::expected<Attributes, int> attributes =
        file ? attributes_of(*file) : std::unexpected(file.error());
    if (attributes && looked_at(Version::of(*attributes)))
        services_.drop_pages(node_->id);
    for (const FetchPtr& fetch : fetches) {
        std::uint64_t stored = 0;
        if (attributes && fetch->version == Version::of(*attributes) &&
            fetch->version.settled(fetch->began))
            stored = cookie->store(fetch->plan, fetch->data, fetch->start);
        count(services_.statistics.stored_bytes, stored);
        count(services_.statistics.unstored_bytes, fetch->data.size() - stored);
        forget(*fetch);
    }
}

} // namespace cachefiles::mount
