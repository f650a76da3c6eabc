// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/vm/tools/fd_store.hpp"

namespace cachefiles::vm {

std::string FdStore::apply(Message& message) {
    const std::string name = message.value("FDNAME");
    if (message.value("FDSTOREREMOVE") == "1") {
        std::erase_if(kept_, [&](const auto& entry) { return entry.first == name; });
        return "removed " + name;
    }
    if (message.value("FDSTORE") != "1")
        return {};
    for (Fd& fd : message.fds)
        kept_.emplace_back(name, std::move(fd));
    return "stored " + name;
}

std::string FdStore::names() const {
    std::string names;
    for (const auto& [name, fd] : kept_)
        names += (names.empty() ? "" : ":") + name;
    return names;
}

} // namespace cachefiles::vm
