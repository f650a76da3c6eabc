// SPDX-License-Identifier: GPL-2.0-or-later
// The members of Index that are about directories, content maps and facts.
#include "index/index_impl.hpp"

namespace cachefiles::index {

std::optional<std::int64_t> Index::mark(DirectoryId directory) {
    return impl_->with([&](Store& store) { return store.directories().mark(directory); });
}

void Index::set_mark(DirectoryId directory, std::int64_t mtime_ns) {
    impl_->with([&](Store& store) {
        if (store.volumes().find(directory.volume) == nullptr)
            return;
        store.change();
        store.directories().set_mark(directory, mtime_ns);
    });
}

void Index::clear_mark(DirectoryId directory) {
    impl_->with([&](Store& store) {
        store.change();
        store.directories().set_mark(directory, std::nullopt);
    });
}

void Index::clear_all_marks() {
    impl_->with([](Store& store) {
        store.change();
        store.directories().clear_all_marks();
    });
}

std::vector<std::pair<DirectoryId, std::int64_t>> Index::marks() {
    return impl_->with([](Store& store) { return store.directories().marks(); });
}

std::vector<DirectoryId> Index::unchecked(std::size_t limit) {
    return impl_->with([&](Store& store) { return store.directories().unchecked(limit); });
}

void Index::set_checked(DirectoryId directory, bool checked) {
    impl_->with([&](Store& store) {
        if (store.volumes().find(directory.volume) == nullptr)
            return;
        store.change();
        store.directories().set_checked(directory, checked);
    });
}

ContentMap Index::content_map(ObjectId id, std::uint32_t map_no, ContentId content) {
    return impl_->with([&](Store& store) { return store.maps().get(id, map_no, content); });
}

std::vector<NumberedMap> Index::content_maps(ObjectId id, ContentId content) {
    return impl_->with([&](Store& store) { return store.maps().all(id, content); });
}

void Index::set_content_maps(ObjectId id, ContentId content, std::span<const NumberedMap> maps) {
    impl_->with([&](Store& store) {
        if (!store.objects().find(id)) // nothing would ever delete them
            return;
        store.change(maps.size() + 1);
        if (store.maps().any())
            store.maps().forget(id);
        if (content == 0)
            return;
        for (const NumberedMap& one : maps)
            store.maps().set(id, one.number, content, one.map);
    });
}

void Index::merge_content_maps(std::span<const MapUpdate> updates) {
    impl_->with([&](Store& store) {
        store.change(updates.size());
        for (const MapUpdate& update : updates) {
            if (update.content == 0 || !store.objects().find(update.object))
                continue;
            ContentMap bits = store.maps().get(update.object, update.map_no, update.content);
            bits |= update.bits;
            store.maps().set(update.object, update.map_no, update.content, bits);
        }
    });
}

void Index::clear_content_maps(ObjectId id) {
    impl_->with([&](Store& store) {
        store.change();
        store.maps().forget(id);
    });
}

std::optional<std::string> Index::fact(std::string_view name) {
    return impl_->with([&](Store& store) { return store.facts().get(name); });
}

void Index::set_fact(std::string_view name, std::string_view value) {
    impl_->with([&](Store& store) {
        store.change();
        store.facts().set(name, value);
    });
}

} // namespace cachefiles::index
