// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/limit_window.hpp"

#include <cerrno>

namespace cachefiles::protocol {

bool is_limit(Verb verb) {
    return verb >= Verb::brun && verb <= Verb::fstop;
}

int Limits::write(Verb verb, std::uint64_t percent) {
    const bool of_files = verb == Verb::frun || verb == Verb::fcull || verb == Verb::fstop;
    Window& window = of_files ? files : blocks;
    Window changed = window;
    switch (verb) {
    case Verb::frun:
    case Verb::brun:
        changed.run = percent;
        break;
    case Verb::fcull:
    case Verb::bcull:
        changed.cull = percent;
        break;
    case Verb::fstop:
    case Verb::bstop:
        changed.stop = percent;
        break;
    default:
        return EINVAL;
    }
    // The driver compares with the neighbours only; as the window was valid, that is the same.
    if (!changed.is_valid())
        return EINVAL;
    window = changed;
    return 0;
}

std::optional<std::vector<LimitWrite>> limit_writes(const Limits& from, const Limits& to) {
    if (!from.is_valid() || !to.is_valid())
        return std::nullopt;
    std::vector<LimitWrite> wanted;
    const auto want = [&wanted](Verb verb, std::uint64_t now, std::uint64_t then) {
        if (now != then)
            wanted.push_back({verb, then});
    };
    want(Verb::frun, from.files.run, to.files.run);
    want(Verb::fcull, from.files.cull, to.files.cull);
    want(Verb::fstop, from.files.stop, to.files.stop);
    want(Verb::brun, from.blocks.run, to.blocks.run);
    want(Verb::bcull, from.blocks.cull, to.blocks.cull);
    want(Verb::bstop, from.blocks.stop, to.blocks.stop);

    // One of those that are left is always accepted: the new run unless it is not above the old
    // cull; then the new cull, which is below it, unless it is not above the old stop; and then the
    // new stop, which is below that.
    Limits state = from;
    std::vector<LimitWrite> writes;
    while (!wanted.empty()) {
        std::erase_if(wanted, [&](const LimitWrite& next) {
            if (state.write(next.verb, next.percent) != 0)
                return false;
            writes.push_back(next);
            return true;
        });
    }
    return writes;
}

} // namespace cachefiles::protocol
