// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/store_object.hpp"

#include "cache/store/alternative_name.hpp"
#include "cache/store/calls.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <expected>
#include <utility>

namespace cachefiles::cache::store {

StoreObject::StoreObject(Place place, std::shared_ptr<ObjectFile> file, ObjectRecord record,
                         Coherency stored)
    : place_(std::move(place)), record_(std::move(record)), state_(State::named), covered_(false),
      stored_(std::move(stored)), file_(std::move(file)) {}

StoreObject::StoreObject(Place place, std::shared_ptr<ObjectFile> file, bool covered)
    : place_(std::move(place)), record_(place_.volume, place_.fanout, place_.name),
      state_(State::unnamed), covered_(covered), file_(std::move(file)) {
    place_.claims.back().leave_name();
}

template<typename Work>
void StoreObject::guard(Work work) noexcept {
    try {
        work();
    } catch (const std::exception&) { // no memory
        context().broken("an operation on an object was cut short", ENOMEM);
    }
}

std::shared_ptr<BackendFile> StoreObject::file() const {
    const std::lock_guard lock(mutex_);
    return file_;
}

std::shared_ptr<ObjectFile> StoreObject::exchange_file(std::shared_ptr<ObjectFile> file) {
    const std::lock_guard lock(mutex_);
    return std::exchange(file_, std::move(file));
}

void StoreObject::prepare_to_write() {
    guard([this] { mark_dirty(); });
}

void StoreObject::mark_dirty() {
    if (state_ == State::unnamed && covered_)
        remove_name(false,
                    nullptr); // it could become valid again: its size is that of before the writes
    if (state_ != State::named)
        return;
    int error = write_coherency(descriptor(), *stored_, true, file_->content_id());
    if (error == 0 && calls::flush_all(descriptor()) != 0)
        error = errno;
    if (error == 0) {
        state_ = State::dirty;
        return;
    }
    context().failed("cannot mark an object as dirty", error);
    remove_name(true, file_.get());
    state_ = State::lost;
}

bool StoreObject::invalidate(const Coherency& now) {
    bool replaced = false;
    guard([this, &now, &replaced] { replaced = replace(now); });
    return replaced;
}

bool StoreObject::replace(const Coherency& now) {
    std::expected<std::shared_ptr<ObjectFile>, int> file = std::unexpected(EFBIG);
    if (is_storable(now)) {
        const Fd directory = place_.volume->fanout(place_.fanout);
        file = directory ? make_object_file(directory.get(), now.object_size, place_.key,
                                            context().file_services())
                         : std::unexpected(errno);
    }
    if (!file) {
        context().failed("cannot replace an invalid object", file.error());
        lose();
        return false;
    }
    const std::shared_ptr<ObjectFile> old = exchange_file(*std::move(file));
    if (old)
        static_cast<void>(old->close());
    if (state_ == State::named || state_ == State::dirty)
        covered_ = true;
    state_ = State::unnamed;
    place_.claims.back().leave_name();
    // After a crash the name can be there again. That matters only if nothing tells the old
    // content from the new.
    const bool same = stored_ == now;
    stored_.reset();
    if (covered_)
        remove_name(same, old.get());
    return true;
}

void StoreObject::resize(std::uint64_t old_size, std::uint64_t new_size) {
    if (!file_)
        return;
    guard([this, old_size, new_size] {
        // What is cut off is missing from the size on the disk as well; and blocks that are not
        // present any more may be filled with something else.
        if (new_size < old_size || file_->content().has_cleared())
            mark_dirty();
        if (new_size < old_size)
            shrink(new_size);
    });
}

void StoreObject::shrink(std::uint64_t size) {
    const std::uint64_t rounded = file_size_for(size);
    if (calls::cut(descriptor(), rounded) == 0 &&
        (rounded == size || calls::zero_range(descriptor(), size, rounded - size) == 0))
        return;
    context().failed("cannot shrink an object", errno);
    lose();
}

void StoreObject::detach(Ending ending, const Coherency& last) {
    bool had_name = state_ != State::unnamed;
    guard([this, ending, &last, &had_name] {
        const bool commit = ending == Ending::commit && file_ && !file_->bad() && is_storable(last);
        if (commit && state_ != State::lost) {
            if (const int error = keep(last)) {
                context().failed("cannot keep an object", error);
                remove_name(true, file_.get());
            } else {
                record_.let_go(*file_);
                had_name = true;
            }
        } else if (covered_ || state_ == State::named || state_ == State::dirty) {
            remove_name(false, file_.get());
        }
    });
    const std::shared_ptr<ObjectFile> file = exchange_file(nullptr);
    if (file)
        static_cast<void>(file->close());
    state_ = State::lost;
    place_.claims.clear();
    if (had_name && file) // the driver does not count files that nobody has seen
        context().released(file->descriptor());
}

/// The data, then what says that it is good, then the name: at no moment a crash leaves a name
/// with coherency data that are not those of the content. The index comes last.
int StoreObject::keep(const Coherency& last) {
    const bool commits = file_->close();
    if (const int error = punch_left_behind())
        return error;
    const bool same = state_ == State::named && stored_ == last && !file_->content().has_cleared();
    if (same && !commits)
        return 0;
    if (calls::flush_data(descriptor()) != 0)
        return errno;
    if (!same) {
        if (const int error = write_clean(last))
            return error;
    }
    record_.store_maps(*file_);
    return 0;
}

int StoreObject::write_clean(const Coherency& last) {
    // Blocks that are set for the old id may not be there any more.
    if (context().index != nullptr && (file_->content().has_cleared() || file_->content_id() == 0))
        file_->set_content_id(new_content_id());
    if (const int error = write_coherency(descriptor(), last, false, file_->content_id()))
        return error;
    return state_ == State::unnamed ? publish(descriptor()) : 0;
}

/// The driver goes by holes: what was never committed must not look like data.
int StoreObject::punch_left_behind() {
    struct stat status{};
    if (fstat(descriptor(), &status) != 0)
        return errno;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    for (const Content::Blocks& blocks : file_->content().left_behind()) {
        if (blocks.first >= size / Content::block_size + 1)
            break;
        const std::uint64_t start = blocks.first * Content::block_size;
        const std::uint64_t count = std::min(blocks.count, size / Content::block_size + 1);
        if (calls::punch(descriptor(), start, count * Content::block_size) != 0)
            return errno;
    }
    return 0;
}

int StoreObject::publish(int fd) {
    place_.claims.back().take_name(); // whoever culls what is there does it before
    const Fd directory = place_.volume->fanout(place_.fanout);
    if (!directory)
        return errno;
    if (calls::link_file(fd, directory.get(), place_.name) != 0) {
        if (errno != EEXIST)
            return errno;
        if (const int error = rename_over(fd, directory.get()))
            return error;
    }
    record_.linked(*file_);
    return 0;
}

int StoreObject::rename_over(int fd, int directory) {
    const std::string temporary(temporary_name);
    const std::lock_guard lock(place_.volume->replacing(place_.fanout));
    int linked = calls::link_file(fd, directory, temporary);
    if (linked != 0 && errno == EEXIST) { // left by a failure
        if (calls::unlink_file(directory, temporary) != 0)
            return errno;
        linked = calls::link_file(fd, directory, temporary);
    }
    if (linked != 0)
        return errno;
    int renamed = calls::rename_entry(directory, temporary, directory, place_.name, 0);
    if (renamed != 0 && errno == EISDIR) {
        if (const int error = context().graveyard.bury(directory, place_.name))
            errno = error;
        else
            renamed = calls::rename_entry(directory, temporary, directory, place_.name, 0);
    }
    if (renamed == 0)
        return 0;
    const int error = errno;
    if (calls::unlink_file(directory, temporary) != 0)
        context().failed("cannot remove an object's temporary name", errno);
    return error;
}

/// Nothing that is under the name now is found valid again. `known`: the file that may be there.
void StoreObject::remove_name(bool durably, const ObjectFile* known) {
    const int error = try_to_remove(durably);
    covered_ = error != 0;
    if (error == 0) {
        record_.removed();
        return;
    }
    if (known != nullptr && make_invalid(known->descriptor()) == 0)
        context().failed("cannot unlink an object", error);
    else
        context().broken("cannot invalidate an object", error);
}

int StoreObject::try_to_remove(bool durably) {
    const Fd directory = place_.volume->fanout(place_.fanout);
    if (!directory)
        return errno;
    if (calls::unlink_file(directory.get(), place_.name) == 0)
        return !durably || calls::flush_all(directory.get()) == 0 ? 0 : errno;
    if (errno == ENOENT || errno == EISDIR)
        return 0;
    const int error = errno;
    const Fd file = calls::open_object(directory.get(), place_.name);
    if (!file)
        return errno == ENOENT ? 0 : error;
    if (make_invalid(file.get()) != 0)
        return error;
    context().failed("cannot unlink an object", error);
    return 0;
}

/// What is there is neither used nor found again.
void StoreObject::lose() {
    const std::shared_ptr<ObjectFile> file = exchange_file(nullptr);
    if (file)
        static_cast<void>(file->close());
    if (covered_ || state_ == State::named || state_ == State::dirty)
        remove_name(true, file.get());
    state_ = State::lost;
}

} // namespace cachefiles::cache::store
