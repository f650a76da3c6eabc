// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/unit/cache/store/store_bench.hpp"

#include <map>
#include <memory>
#include <string>

namespace cachefiles::tests {

/// Everything that can happen to an object, one after the other, whatever goes wrong; and what must
/// be true of it afterwards.
class ObjectLife final {
public:
    ObjectLife(StoreBench& bench, std::string key);

    /// With the faults that are set.
    void run();
    /// Without faults: after a crash nothing is found with another content than it had when its
    /// coherency data were valid, nothing is left over, and the key can be used again.
    void verify();

    /// Names with which a file may be left: any but a temporary one. Random faults may hit the
    /// removal of that, too.
    bool may_leave_temporary = false;

private:
    [[nodiscard]] static cache::Coherency version(int number);
    /// In use, full of what this version should hold; null if it is not cached.
    [[nodiscard]] std::unique_ptr<cache::BackendObject> take(int number);
    void create(int number);
    void modify(int number, int next);
    void update(int number, int next);
    void invalidate(int number, int next);
    void shrink(int number, int next);
    void retire(int number);

    StoreBench& bench_;
    std::string key_;
    std::unique_ptr<cache::BackendVolume> volume_;
    std::map<int, char> truth_; ///< what a version holds, if it is found
    char letter_ = 'a';
};

} // namespace cachefiles::tests
