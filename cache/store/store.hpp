// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/backend.hpp"
#include "cache/store/context.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace cachefiles::cache::store {

/// The backend on a directory in the driver's own layout (on-disk-format.md, Linux 5.17 and later):
/// the driver can be pointed at it afterwards, or before. What differs from the driver on purpose
/// is in DIFFERENCES.md.
///
/// Calls from any thread, as Backend says. No room is never an error: what does not fit is not
/// cached. A failing disk goes to the BackendEvents.
class Store final : public Backend {
public:
    /// Takes the directory for this process. Errors: SystemError, as of Root.
    explicit Store(Options options);
    /// Gives the directory back.
    ~Store() override;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    [[nodiscard]] std::unique_ptr<BackendVolume> attach_volume(const std::string& key,
                                                               const std::string& coherency,
                                                               std::uint32_t owner) override;
    /// Whether attach_volume() would get that user a directory, as far as its owner goes. May read
    /// the disk.
    [[nodiscard]] bool may_attach(const std::string& key, std::uint32_t user) const;
    void sync() override;
    /// Blocks that were written are durable when it returns; false: not all of them. For one by
    /// one, at other times than the queue's own.
    bool commit();
    /// Bytes that are not durable yet.
    [[nodiscard]] std::uint64_t uncommitted() const {
        return context_->commits ? context_->commits->waiting() : 0;
    }

    /// Room is asked for before a write begins, by whoever writes. Lives as long as the store.
    [[nodiscard]] SpaceCheck& space() { return *context_->space; }
    /// What must not be removed: "I<volume>/@xx/<object>", and "I<volume>" itself.
    [[nodiscard]] InUse& in_use() { return context_->in_use; }
    [[nodiscard]] Graveyard& graveyard() { return context_->graveyard; }
    /// The directories, for who culls and who empties the graveyard.
    [[nodiscard]] const Root& root() const { return context_->root; }

private:
    std::shared_ptr<Context> context_;
};

} // namespace cachefiles::cache::store
