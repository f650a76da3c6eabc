// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/index.hpp"

#include "index/index_impl.hpp"

#include <algorithm>

namespace cachefiles::index {
namespace {

/// Rows changed in one step of a long change: some 50 ms.
constexpr std::size_t changes_per_step = 16'384;
/// Objects that for_each() has in memory.
constexpr std::size_t objects_per_page = 4096;

} // namespace

void Index::Impl::flush(Store& store) {
    const auto waiting = touches.take();
    if (waiting.empty())
        return;
    store.change(waiting.size());
    for (const auto& [id, last_use] : waiting) {
        if (store.objects().use(id, last_use))
            store.volumes().used(id.volume(), last_use);
    }
}

void Index::Impl::flush_if_due(Store& store) {
    const std::optional<std::chrono::nanoseconds> since = touches.waiting_since();
    if (since && clock.monotonic() - *since >= options.touch_granularity)
        flush(store);
}

void Index::Impl::overlay(Object& object) const {
    const std::optional<Seconds> touched = touches.find(object.id);
    if (touched)
        object.attributes.last_use = std::max(object.attributes.last_use, *touched);
}

void Index::Impl::overlay(Volume& volume) const {
    const std::optional<Seconds> newest = touches.newest(volume.id);
    if (newest)
        volume.newest_use = std::max(volume.newest_use, *newest);
}

void Index::Impl::forget(Store& store, ObjectId id) {
    touches.forget(id);
    if (store.maps().any())
        store.maps().forget(id);
}

std::unique_ptr<Index> Index::open(const IndexOptions& options, const Clock& clock, Log& log) {
    return std::unique_ptr<Index>(new Index(std::make_unique<Impl>(options, clock, log)));
}

Index::Index(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Index::~Index() {
    impl_->with([this](Store& store) { impl_->flush(store); });
    commit();
}

VolumeId Index::add_volume(std::string_view key) {
    return impl_->with([&](Store& store) {
        store.change();
        return store.volumes().add(key);
    });
}

Totals Index::remove_volume(VolumeId volume) {
    const std::lock_guard alone(impl_->long_work);
    Totals removed;
    bool more = true;
    while (more) {
        const Totals step = impl_->with([&](Store& store) {
            more = false; // should this fail
            store.change(changes_per_step);
            const Totals gone = store.objects().forget_some(volume, changes_per_step);
            // In the step that empties it, so that nobody can put an object into it in between.
            more = gone.objects == changes_per_step;
            if (!more) {
                store.directories().forget(volume);
                store.maps().forget(volume);
                store.volumes().remove(volume);
            }
            return gone;
        });
        removed += Delta::of(step);
        commit_if_due();
    }
    return removed;
}

void Index::orphan_volume(VolumeId volume) {
    impl_->with([&](Store& store) {
        store.change();
        store.volumes().orphan(volume);
    });
}

void Index::pin(std::string_view key, bool pinned) {
    impl_->with([&](Store& store) {
        store.change();
        store.volumes().pin(key, pinned);
    });
    commit();
}

std::vector<Volume> Index::volumes() {
    return impl_->with([this](Store& store) {
        std::vector<Volume> all = store.volumes().all();
        for (Volume& volume : all)
            impl_->overlay(volume);
        return all;
    });
}

std::optional<Volume> Index::volume(VolumeId volume) {
    return impl_->with([&](Store& store) -> std::optional<Volume> {
        const Volume* found = store.volumes().find(volume);
        if (found == nullptr)
            return std::nullopt;
        Volume result = *found;
        impl_->overlay(result);
        return result;
    });
}

std::optional<Volume> Index::volume(std::string_view key) {
    return impl_->with([&](Store& store) -> std::optional<Volume> {
        const Volume* found = store.volumes().find(key);
        if (found == nullptr)
            return std::nullopt;
        Volume result = *found;
        impl_->overlay(result);
        return result;
    });
}

void Index::use_volumes(Seconds last_use) {
    impl_->with([&](Store& store) {
        store.change();
        for (const Volume& volume : store.volumes().all())
            store.volumes().used(volume.id, last_use);
    });
}

Totals Index::totals() {
    return impl_->with([](Store& store) { return store.volumes().totals(); });
}

ObjectId Index::put(DirectoryId directory, std::string_view name, const Attributes& attributes) {
    return impl_->with([&](Store& store) {
        store.change();
        const ObjectId id = store.objects().put(directory, name, attributes);
        impl_->touches.forget(id); // an earlier use, which is replaced as well
        return id;
    });
}

void Index::put_all(DirectoryId directory, std::span<const Object> objects) {
    impl_->with([&](Store& store) {
        store.change(objects.size());
        store.objects().merge(directory, objects);
    });
}

std::optional<Object> Index::find(DirectoryId directory, std::string_view name) {
    return impl_->with([&](Store& store) {
        std::optional<Object> object = store.objects().find(directory, name);
        if (object)
            impl_->overlay(*object);
        return object;
    });
}

std::optional<Object> Index::find(ObjectId id) {
    return impl_->with([&](Store& store) {
        std::optional<Object> object = store.objects().find(id);
        if (object)
            impl_->overlay(*object);
        return object;
    });
}

void Index::touch(ObjectId id, Seconds last_use) {
    const std::chrono::nanoseconds now = impl_->clock.monotonic();
    while (!impl_->touches.add(id, last_use, now))
        impl_->with([this](Store& store) { impl_->flush(store); });
}

void Index::set_state(std::span<const ObjectId> ids, ObjectState state,
                      std::optional<Seconds> last_use) {
    std::vector<ObjectId> order(ids.begin(), ids.end());
    std::ranges::sort(order); // neighbours share pages
    impl_->with([&](Store& store) {
        store.change(ids.size());
        for (const ObjectId id : order) {
            if (store.objects().set_state(id, state, last_use.value_or(0)) && last_use)
                store.volumes().used(id.volume(), *last_use);
        }
    });
}

void Index::set_all_idle() {
    std::size_t done = 1;
    while (done != 0) {
        done = impl_->with([](Store& store) {
            const std::vector<ObjectId> ids = store.order().in_use(changes_per_step);
            if (!ids.empty())
                store.change(ids.size());
            for (const ObjectId id : ids)
                store.objects().set_state(id, ObjectState::idle, 0);
            return ids.size();
        });
    }
}

void Index::forget(std::span<const ObjectId> ids) {
    std::vector<ObjectId> order(ids.begin(), ids.end());
    std::ranges::sort(order);
    impl_->with([&](Store& store) {
        store.change(order.size());
        for (const ObjectId id : order) {
            if (store.objects().forget(id))
                impl_->forget(store, id);
        }
    });
}

std::size_t Index::forget(std::span<const Object> objects) {
    std::vector<const Object*> order;
    order.reserve(objects.size());
    for (const Object& object : objects)
        order.push_back(&object);
    std::ranges::sort(order, {}, [](const Object* object) { return object->id; });
    return impl_->with([&](Store& store) {
        std::size_t forgotten = 0;
        store.change(order.size());
        for (const Object* object : order) {
            if (!store.objects().forget(*object))
                continue;
            impl_->forget(store, object->id);
            ++forgotten;
        }
        return forgotten;
    });
}

bool Index::forget(DirectoryId directory, std::string_view name) {
    return impl_->with([&](Store& store) {
        const std::optional<Object> object = store.objects().find(directory, name);
        if (!object)
            return false;
        store.change();
        store.objects().forget(*object);
        impl_->forget(store, object->id);
        return true;
    });
}

void Index::for_each(DirectoryId directory, const std::function<void(const Object&)>& visit) {
    std::int64_t from = first_id(directory);
    std::vector<Object> page;
    do {
        page = impl_->with([&](Store& store) {
            std::vector<Object> objects =
                store.objects().page(from, end_id(directory), objects_per_page);
            for (Object& object : objects)
                impl_->overlay(object);
            return objects;
        });
        for (const Object& object : page)
            visit(object);
        if (!page.empty())
            from = page.back().id.value() + 1;
    } while (page.size() == objects_per_page);
}

} // namespace cachefiles::index
