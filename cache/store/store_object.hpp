// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/backend.hpp"
#include "cache/store/in_use.hpp"
#include "cache/store/object_file.hpp"
#include "cache/store/object_record.hpp"
#include "cache/store/volume_directory.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cachefiles::cache::store {

/// An object of the store, in use from lookup to detach (on-disk-format.md section 7). Dropped
/// without detach it leaves on the disk what a crash would.
///
/// What cannot be made safe is not kept: where the driver goes on with a file that could be found
/// valid with other content than it should have, this removes the name first.
class StoreObject final : public BackendObject {
public:
    struct Place {
        std::shared_ptr<VolumeDirectory> volume;
        std::uint8_t fanout = 0;
        std::string name;
        std::optional<std::string> key; ///< to be kept with the file, if the name does not tell it
        std::vector<InUse::Claim> claims; ///< the last is that of the name
    };

    /// What was found, and is valid.
    StoreObject(Place place, std::shared_ptr<ObjectFile> file, ObjectRecord record,
                Coherency stored);
    /// What is new, and has no name yet; `covered`: something is under the name.
    StoreObject(Place place, std::shared_ptr<ObjectFile> file, bool covered);

    [[nodiscard]] std::shared_ptr<BackendFile> file() const override;
    void prepare_to_write() override;
    [[nodiscard]] bool invalidate(const Coherency& now) override;
    void resize(std::uint64_t old_size, std::uint64_t new_size) override;
    void detach(Ending ending, const Coherency& last) override;

private:
    enum class State {
        unnamed, ///< a tmpfile: a crash leaves nothing of it
        named,   ///< under its name, with the coherency data `stored_`
        dirty,   ///< the same, marked as modified
        lost,    ///< the file, if there is one, can be used but not kept
    };

    /// Does `work`, whatever it throws.
    template<typename Work>
    void guard(Work work) noexcept;
    [[nodiscard]] bool replace(const Coherency& now);
    void mark_dirty();
    void shrink(std::uint64_t size);
    [[nodiscard]] int keep(const Coherency& last);
    [[nodiscard]] int write_clean(const Coherency& last);
    [[nodiscard]] int punch_left_behind();
    [[nodiscard]] int publish(int fd);
    [[nodiscard]] int rename_over(int fd, int directory);
    void remove_name(bool durably, const ObjectFile* known);
    [[nodiscard]] int try_to_remove(bool durably);
    void lose();
    [[nodiscard]] std::shared_ptr<ObjectFile> exchange_file(std::shared_ptr<ObjectFile> file);
    [[nodiscard]] int descriptor() const { return file_->descriptor(); }
    [[nodiscard]] Context& context() const { return place_.volume->context(); }

    Place place_;
    ObjectRecord record_;
    State state_;
    bool covered_; ///< a stale file, or one of before an invalidation, may be under the name
    std::optional<Coherency> stored_; ///< in the file under the name, if it is ours
    mutable std::mutex mutex_;        // of the pointer, for file()
    std::shared_ptr<ObjectFile> file_;
};

} // namespace cachefiles::cache::store
