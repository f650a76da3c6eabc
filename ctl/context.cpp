// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/context.hpp"

#include "ctl/bus/bus_service.hpp"
#include "ctl/failure.hpp"
#include "ctl/installed.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace cachefiles::ctl {

Service& Context::service() {
    if (service_)
        return *service_;
    try {
        service_ = std::make_unique<BusService>(globals_.host);
    } catch (const Failure& failure) {
        if (failure.status() == ExitStatus::not_running && globals_.host.empty() &&
            !is_installed(globals_.root))
            throw Failure(ExitStatus::not_installed,
                          "cannot reach the daemon: it is not installed; install the package "
                          "cachefilesd");
        throw;
    }
    return *service_;
}

void Context::print(std::string_view text) const {
    // Whether it could be written is seen at the end of the program.
    static_cast<void>(pager().write(text));
}

void Context::say(std::string_view text) const {
    if (!globals_.quiet && !globals_.json)
        std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

void Context::need_this_machine(std::string_view verb) const {
    if (!globals_.host.empty())
        throw Failure(ExitStatus::usage,
                      fmt::format("{}: looks at the machine that it runs on; use ssh {} "
                                  "cachefilesctl {}",
                                  verb, globals_.host, verb));
}

} // namespace cachefiles::ctl
