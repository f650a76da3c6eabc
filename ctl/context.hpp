// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/pager.hpp"
#include "ctl/service.hpp"
#include "ctl/terminal.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace cachefiles::ctl {

/// What was said in front of, or behind, any verb.
struct Globals {
    bool json = false;
    bool quiet = false;
    bool pager = true;
    Colour colour = Colour::automatic;
    std::string host;                 ///< -H; empty: this machine
    std::string cache;                ///< --cache: a tag; empty: the only one
    std::filesystem::path root = "/"; ///< --root, for what looks at this machine itself
};

/// What every verb has: the daemon, and where to print to.
class Context final {
public:
    Context(Globals globals, Terminal terminal)
        : globals_(std::move(globals)), terminal_(terminal) {}

    [[nodiscard]] const Globals& globals() const { return globals_; }
    [[nodiscard]] const Terminal& terminal() const { return terminal_; }
    [[nodiscard]] bool json() const { return globals_.json; }
    [[nodiscard]] Style style() const { return terminal_.style(); }

    /// Connects at the first call. Errors: Failure.
    [[nodiscard]] Service& service();
    /// For people and for programs: to stdout, at once; long text through a pager.
    void print(std::string_view text) const;
    /// The same of what comes piece by piece. The context outlives it.
    [[nodiscard]] Pager pager() const { return {terminal_, globals_.pager && !globals_.json}; }
    /// For people, unless --quiet or --json: that something is done.
    void say(std::string_view text) const;
    /// Refuses -H: the verb is about this machine. Errors: Failure (usage).
    void need_this_machine(std::string_view verb) const;

private:
    Globals globals_;
    Terminal terminal_;
    std::unique_ptr<Service> service_;
};

} // namespace cachefiles::ctl
