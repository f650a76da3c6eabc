// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/object_lookup.hpp"

#include "cache/store/attribute.hpp"
#include "cache/store/calls.hpp"
#include "protocol/fanout_name.hpp"
#include "protocol/hash.hpp"
#include "protocol/key.hpp"
#include "protocol/xattr.hpp"

#include <fmt/format.h>

#include <fcntl.h>

#include <cerrno>
#include <cstdlib>
#include <expected>
#include <optional>
#include <string_view>
#include <utility>

namespace cachefiles::cache::store {
namespace {

// An atime is not moved more often: every move is a write.
constexpr Seconds touch_granularity = 60;

} // namespace

ObjectLookup::ObjectLookup(std::shared_ptr<VolumeDirectory> volume, const CookieIdentity& cookie,
                           const Coherency& wanted, const std::function<void()>& negative)
    : cookie_(cookie), wanted_(wanted), negative_(negative), names_(object_names(cookie.key)) {
    place_.volume = std::move(volume);
    place_.fanout = protocol::fanout_of(cookie.hash);
    if (names_.alternative)
        place_.key = cookie.key;
}

Lookup ObjectLookup::run() {
    if (cookie_.key.empty() || cookie_.key.size() > protocol::longest_key || !is_storable(wanted_))
        return {};
    directory_ = place_.volume->fanout(place_.fanout);
    if (!directory_)
        return failure(errno);
    switch (find()) {
    case Finding::valid:
        return found();
    case Finding::absent:
        return create(false);
    case Finding::stale:
    case Finding::foreign: // of the same hash: one of them has to go
        return create(true);
    case Finding::failed:
        break;
    }
    return failure(errno);
}

bool ObjectLookup::claim(const std::string& name) {
    std::optional<InUse::Claim> claim = context().in_use.claim(fmt::format(
        "{}/{}/{}", place_.volume->name(), protocol::format_fanout_name(place_.fanout), name));
    if (!claim) {
        errno = EBUSY;
        return false;
    }
    place_.claims.push_back(*std::move(claim));
    return true;
}

ObjectLookup::Finding ObjectLookup::find() {
    // The alternative name stands for the key, so it is claimed wherever the object is.
    if (names_.alternative && !claim(*names_.alternative))
        return Finding::failed;
    if (names_.drivers && names_.alternative)
        return find_ambiguous();
    place_.name = names_.drivers ? *names_.drivers : *names_.alternative;
    if (names_.drivers && !claim(place_.name))
        return Finding::failed;
    return examine(place_.name);
}

/// Keys that share a name take turns: who comes first has the driver's, the others their own.
/// Whoever has a name of its own keeps it as long as anything is there.
ObjectLookup::Finding ObjectLookup::find_ambiguous() {
    place_.name = *names_.alternative;
    const Finding own = examine(place_.name);
    if (own != Finding::absent)
        return own;
    if (!claim(*names_.drivers))
        return Finding::absent;
    const Finding shared = examine(*names_.drivers);
    if (shared == Finding::foreign) {
        place_.claims.pop_back();
        return Finding::absent;
    }
    place_.name = *names_.drivers;
    return shared;
}

ObjectLookup::Finding ObjectLookup::examine(const std::string& name) {
    struct stat status{};
    if (calls::look_at(directory_.get(), name, status) != 0)
        return errno == ENOENT ? Finding::absent : Finding::failed;
    if (!S_ISREG(status.st_mode)) {
        context().log.warning(fmt::format("{} is not a file and goes to the graveyard", name));
        errno = context().graveyard.bury(directory_.get(), name);
        return errno == 0 ? Finding::absent : Finding::failed;
    }
    file_ = calls::open_object(directory_.get(), name);
    if (!file_)
        return errno == ENOENT ? Finding::absent : Finding::failed;
    return examine_file();
}

ObjectLookup::Finding ObjectLookup::examine_file() {
    const Finding key = examine_key();
    if (key != Finding::valid)
        return key;
    const std::expected<std::optional<std::string>, int> stored =
        read_attribute(file_.get(), protocol::xattr_name);
    if (!stored) {
        errno = stored.error();
        return Finding::failed;
    }
    const bool valid = protocol::check_object_xattr(*stored, wanted_.aux, wanted_.object_size) ==
                       protocol::Coherency::valid;
    if (valid)
        content_id_ = protocol::parse_object_xattr(**stored)->zero_point;
    return valid ? Finding::valid : Finding::stale;
}

/// Whose object it is, where the name does not tell.
ObjectLookup::Finding ObjectLookup::examine_key() {
    if (!place_.key)
        return Finding::valid;
    const std::expected<std::optional<std::string>, int> key =
        read_attribute(file_.get(), key_xattr);
    if (!key) {
        errno = key.error();
        return Finding::failed;
    }
    if (*key)
        return **key == *place_.key ? Finding::valid : Finding::foreign;
    // Made by the driver, to which they are the same. From now on it is this key's.
    if (calls::set_xattr(file_.get(), key_xattr, *place_.key) == 0)
        return Finding::valid;
    return errno == EIO ? Finding::failed : Finding::stale;
}

Lookup ObjectLookup::found() {
    take_up();
    if (const int error = adjust_size(file_.get(), wanted_.object_size); error == EIO)
        return failure(error); // anything else means a file that ends early, and that is no data
    auto file = std::make_shared<ObjectFile>(std::move(file_), wanted_.object_size, content_id_,
                                             context().file_services());
    ObjectRecord record(place_.volume, place_.fanout, place_.name);
    if (const int error = record.load(*file, wanted_))
        return failure(error);
    Lookup lookup;
    lookup.result = Lookup::Result::found;
    lookup.object = std::make_unique<StoreObject>(std::move(place_), std::move(file),
                                                  std::move(record), wanted_);
    return lookup;
}

/// It counts as used: culling goes by the time of access.
void ObjectLookup::take_up() {
    struct stat status{};
    if (fstat(file_.get(), &status) == 0 &&
        std::abs(context().clock.now() - status.st_atim.tv_sec) < touch_granularity)
        return;
    const timespec times[2] = {{context().clock.now(), 0}, {0, UTIME_OMIT}};
    if (futimens(file_.get(), times) != 0)
        context().failed("cannot note the use of an object", errno);
}

Lookup ObjectLookup::create(bool covered) {
    if (covered && file_)
        context().released(file_.get());
    file_.reset();
    if (negative_)
        negative_();
    if (const std::expected<void, int> room = context().space->for_files(1); !room)
        return failure(room.error());
    std::expected<std::shared_ptr<ObjectFile>, int> file = make_object_file(
        directory_.get(), wanted_.object_size, place_.key, context().file_services());
    if (!file)
        return failure(file.error());
    Lookup lookup;
    lookup.result = Lookup::Result::created;
    lookup.object = std::make_unique<StoreObject>(std::move(place_), *std::move(file), covered);
    return lookup;
}

Lookup ObjectLookup::failure(int error) {
    context().failed("an object cannot be cached", error);
    return {};
}

} // namespace cachefiles::cache::store
