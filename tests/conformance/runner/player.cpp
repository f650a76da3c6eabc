// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/conformance/runner/player.hpp"

#include "base/error.hpp"
#include "tests/conformance/runner/text.hpp"
#include "tests/conformance/runner/tree.hpp"

#include <fmt/format.h>

#include <sstream>
#include <utility>

namespace cachefiles::conformance {

Player::Player(Target& target, std::filesystem::path directory, std::ostream& transcript, bool keep)
    : target_(target), directory_(std::move(directory)), transcript_(transcript), keep_(keep) {
    if (!keep_)
        std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    stats_before_ = target_.stats();
}

Player::~Player() {
    std::error_code ignored;
    if (!keep_)
        std::filesystem::remove_all(directory_, ignored);
}

void Player::play(const Case& which) {
    transcript_ << "== " << which.name << "\n";
    for (const Step& step : which.steps)
        play(step);
    clear_up();
}

void Player::play(const Step& step) {
    Reply reply;
    try {
        reply = run(step.words);
    } catch (const ScriptError& error) {
        throw ScriptError(step.place + ": " + error.what());
    }
    target_.settle();
    transcript_ << "> " << step.text << "\n";
    std::istringstream lines(reply);
    std::string line;
    while (std::getline(lines, line))
        transcript_ << "  " << line << "\n";
}

Reply Player::run(const Words& words) {
    const std::string& verb = words[0];
    if (verb == "bind")
        return bind(words);
    if (verb == "device")
        return device(words);
    if (verb == "cull" || verb == "inuse")
        return command_in(verb, words);
    if (verb == "volume" || verb == "cookie" || verb == "op")
        return finish(words, target_.execute(request(words)));
    if (verb == "once")
        return once(words);
    if (verb == "list")
        return list(words);
    if (verb == "tree")
        return describe_tree(directory_);
    if (verb == "host")
        return host(words);
    if (verb == "start")
        return start(words);
    if (verb == "join")
        return join(words);
    if (verb == "wait") {
        target_.wait_for_lru();
        return "ok";
    }
    throw ScriptError("there is no operation " + verb);
}

/// Everything that a volume needs before it; says only what went wrong.
Reply Player::bind(const Words& words) {
    std::vector<Words> requests;
    requests.push_back({"device", "open"});
    requests.push_back({"device", "write", "dir " + directory_.string()});
    for (std::size_t i = 1; i < words.size(); ++i)
        requests.push_back({"device", "write", bytes(words[i])});
    requests.push_back({"device", "write", "bind"});
    for (const Words& one : requests) {
        const Reply reply = target_.execute(one);
        if (reply != "ok" && reply != std::to_string(one.back().size()))
            return reply;
    }
    return "ok";
}

Reply Player::device(const Words& words) {
    const Reply reply = target_.execute(device_request(words));
    if (reply.starts_with("state "))
        return show_state(reply.substr(6));
    // A whole command is answered by its length, which has the path's in it.
    if (words.at(1) == "write" && reply == std::to_string(bytes(words.at(2)).size()))
        return "ok";
    return reply;
}

/// "cull NAME in DIRECTORY": relative to the cache's directory.
Reply Player::command_in(const std::string& verb, const Words& words) {
    if (words.size() != 4 || words[2] != "in")
        throw ScriptError(verb + " NAME in DIRECTORY");
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(path(words[3]));
    const std::string command = verb + " " + bytes(words[1]);
    const Reply reply = target_.execute({"device", "write", command});
    std::filesystem::current_path(before);
    return reply == std::to_string(command.size()) ? "ok" : reply;
}

/// "once read|write COOKIE WHAT...": begins an operation, does one thing, and ends it.
Reply Player::once(const Words& words) {
    const std::string number = operations_.number("(once)");
    const Reply begun =
        target_.execute({"begin", number, cookies_.number(words.at(2)), words.at(1)});
    if (begun != "ok")
        return "begin: " + begun;
    const Reply reply = target_.execute(operation_request(number, words, 3));
    static_cast<void>(target_.execute({"end", number}));
    return reply;
}

Reply Player::start(const Words& words) {
    const std::string& name = words.at(1);
    const Words rest(words.begin() + 2, words.end());
    pending_[name] = target_.start(request(rest));
    pending_words_[name] = rest;
    target_.settle();
    return pending_[name]->ended() ? join({"join", name}) : "waits";
}

Reply Player::join(const Words& words) {
    const auto place = pending_.find(words.at(1));
    if (place == pending_.end())
        throw ScriptError("nothing of that name was started: " + words[1]);
    const Reply reply = place->second->reply();
    pending_.erase(place);
    return finish(pending_words_[words[1]], reply);
}

Reply Player::finish(const Words& words, Reply reply) {
    const std::string& kind = words[0];
    const bool acquired = words.size() > 2 && words[2] == "acquire";
    if (acquired && reply.starts_with("id ")) {
        const auto id = static_cast<std::uint32_t>(parse_number(reply.substr(3)));
        Handles& handles = kind == "volume" ? volumes_ : cookies_;
        handles.shown_as(id, words[1]);
        if (kind == "volume")
            held_volumes_.insert(volumes_.number(words[1]));
        else
            uses_[cookies_.number(words[1])] = 0;
        return "ok";
    }
    if (reply != "ok")
        return reply;
    if (kind == "cookie") {
        const std::string number = cookies_.number(words[1]);
        if (words[2] == "use")
            ++uses_[number];
        else if (words[2] == "unuse")
            --uses_[number];
        else if (words[2] == "relinquish")
            uses_.erase(number);
    } else if (kind == "volume" && words[2] == "relinquish") {
        held_volumes_.erase(volumes_.number(words[1]));
    } else if (kind == "op" && words[2] == "begin") {
        open_operations_.insert(operations_.number(words[1]));
    } else if (kind == "op" && words[2] == "end") {
        open_operations_.erase(operations_.number(words[1]));
    }
    return reply;
}

/// As a network file system goes: what a case leaves is no other case's business.
void Player::clear_up() {
    for (const std::string& operation : open_operations_)
        static_cast<void>(target_.execute({"end", operation}));
    for (auto& [name, pending] : pending_)
        static_cast<void>(finish(pending_words_[name], pending->reply()));
    target_.settle();
    for (const auto& [cookie, uses] : uses_) {
        for (int i = 0; i < uses; ++i)
            static_cast<void>(target_.execute({"unuse", cookie, "none", "none"}));
        static_cast<void>(target_.execute({"relinquish", cookie, "0"}));
    }
    target_.settle();
    for (const std::string& volume : held_volumes_)
        static_cast<void>(target_.execute({"volume_relinquish", volume, "none", "0"}));
    target_.settle();
    static_cast<void>(target_.execute({"device", "close"}));
    target_.settle();
}

std::string Player::bytes(const std::string& word) const {
    std::string text = parse_bytes(word);
    const std::string variable = "$DIR";
    const std::size_t at = text.find(variable);
    if (at != std::string::npos)
        text.replace(at, variable.size(), directory_.string());
    return text;
}

std::filesystem::path Player::path(const std::string& word) const {
    return directory_ / parse_bytes(word);
}

} // namespace cachefiles::conformance
