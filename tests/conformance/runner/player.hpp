// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/conformance/runner/case_file.hpp"
#include "tests/conformance/runner/handles.hpp"
#include "tests/conformance/runner/target.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <string>

namespace cachefiles::conformance {

/// Plays one case on a target, and writes the transcript: each step, and what came of it, without
/// what differs from run to run (numbers, times, paths, the size of the file system). After each
/// step it waits until nothing is under way.
class Player final {
public:
    /// `directory`: the cache's, of this case alone; it is made, and removed at the end. Not if it
    /// is to be kept: then it may be there already.
    Player(Target& target, std::filesystem::path directory, std::ostream& transcript, bool keep);
    ~Player();
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;

    /// Errors: ScriptError, SystemError.
    void play(const Case& which);

private:
    void play(const Step& step);
    [[nodiscard]] Reply run(const Words& words);

    [[nodiscard]] Reply bind(const Words& words);
    [[nodiscard]] Reply device(const Words& words);
    [[nodiscard]] Reply command_in(const std::string& verb, const Words& words);
    [[nodiscard]] Reply volume(const Words& words);
    [[nodiscard]] Reply cookie(const Words& words);
    [[nodiscard]] Reply once(const Words& words);
    [[nodiscard]] Reply operation(const Words& words);
    [[nodiscard]] Reply list(const Words& words);
    [[nodiscard]] Reply host(const Words& words);
    [[nodiscard]] Reply start(const Words& words);
    [[nodiscard]] Reply join(const Words& words);

    [[nodiscard]] Words volume_request(const Words& words);
    [[nodiscard]] Words cookie_request(const Words& words);
    [[nodiscard]] Words operation_request(const std::string& operation, const Words& words,
                                          std::size_t first) const;
    [[nodiscard]] Words device_request(const Words& words) const;
    [[nodiscard]] Words request(const Words& words);
    /// The request's reply; notes who was acquired, for the lists.
    [[nodiscard]] Reply finish(const Words& words, Reply reply);

    [[nodiscard]] std::string list_caches();
    [[nodiscard]] std::string list_volumes();
    [[nodiscard]] std::string list_cookies();
    [[nodiscard]] std::string list_stats();
    [[nodiscard]] std::string show_state(const std::string& line) const;
    [[nodiscard]] std::string bytes(const std::string& word) const;
    [[nodiscard]] std::filesystem::path path(const std::string& word) const;
    void clear_up();

    Target& target_;
    std::filesystem::path directory_;
    std::ostream& transcript_;
    bool keep_;
    Handles volumes_;
    Handles cookies_;
    Handles operations_;
    std::map<std::string, std::unique_ptr<Pending>> pending_;
    std::map<std::string, Words> pending_words_;
    std::set<std::string> open_operations_; ///< numbers
    std::map<std::string, int> uses_;       ///< of each cookie that is held, by its number
    std::set<std::string> held_volumes_;
    Stats stats_before_;
};

} // namespace cachefiles::conformance
