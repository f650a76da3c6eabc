// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "cache/store/alternative_name.hpp"
#include "cache/store/context.hpp"
#include "cache/store/in_use.hpp"
#include "index/ids.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <string>

namespace cachefiles::cache::store {

/// A volume's directory with its 256 fan-out directories, in use by this process (on-disk-format.md
/// sections 1 to 3). The volume and its objects share it. Any thread.
class VolumeDirectory final {
public:
    /// Finds or makes it. One whose attribute is missing, of another form or does not match is
    /// buried and made anew; so is one that the driver would refuse for ever (6.1.100 and later).
    /// Errors: errno; EBUSY if it is in use already, EACCES if it is another user's, ENOSPC if
    /// there is no room.
    [[nodiscard]] static std::expected<std::shared_ptr<VolumeDirectory>, int>
    open(std::shared_ptr<Context> context, const std::string& key, const std::string& coherency,
         std::uint32_t owner);

    /// The fan-out directory, made again if somebody removed it. Empty on errors, with errno.
    [[nodiscard]] Fd fanout(std::uint8_t number);

    /// Held by who uses temporary_name in that directory.
    [[nodiscard]] std::mutex& replacing(std::uint8_t fanout) {
        return replacing_[fanout % replacing_.size()];
    }

    /// Writes the coherency data. 0 or errno.
    [[nodiscard]] int note(const std::string& coherency);
    /// Nothing of it is found valid again, also after a crash; it is good for nothing afterwards.
    /// 0 or errno.
    [[nodiscard]] int discard();

    [[nodiscard]] Context& context() const { return *context_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    /// In the index, which there must be; a volume of 0 if it has no room for it.
    [[nodiscard]] index::DirectoryId indexed(std::uint8_t fanout) const;

private:
    VolumeDirectory(std::shared_ptr<Context> context, const VolumeName& name, std::string key,
                    InUse::Claim claim);

    [[nodiscard]] int find_or_make(const VolumeName& name, const std::string& key,
                                   const std::string& coherency, std::uint32_t owner);
    [[nodiscard]] int make(const VolumeName& name, const std::string& key,
                           const std::string& coherency, std::uint32_t owner);
    /// The objects that the index knows of it are gone.
    void forget() const;
    [[nodiscard]] int make_fanout(const std::string& fanout);

    std::shared_ptr<Context> context_;
    std::string name_;
    std::string key_;
    InUse::Claim claim_;
    Fd directory_;
    std::array<std::mutex, 16> replacing_;       // fan-out directories share them
    std::array<std::atomic<bool>, 256> swept_{}; // of what a crash left in them
};

} // namespace cachefiles::cache::store
