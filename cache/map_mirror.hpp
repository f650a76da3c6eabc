// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace cachefiles::cache {

/// Whoever shows a content map to others, such as a client's shared memory. Called under the
/// content's lock, in the order of the changes, from any thread: it must be quick, and call nobody.
class MapMirror {
public:
    virtual ~MapMirror() = default;

    /// These blocks are in the file.
    virtual void set(std::uint64_t first, std::uint64_t count) = 0;
    /// These are about to go: nothing that is read from now on counts, nor what is being read.
    virtual void clear(std::uint64_t first, std::uint64_t count) = 0;
    virtual void resized(std::uint64_t object_size) = 0;
    /// The last call: the file is not the object's any more.
    virtual void end() = 0;
};

} // namespace cachefiles::cache
