// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/pager.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <utility>

namespace cachefiles::ctl {
namespace {

bool in_path(const std::string& program) {
    const char* const path = std::getenv("PATH");
    std::istringstream directories(path == nullptr ? "" : path);
    for (std::string directory; std::getline(directories, directory, ':');) {
        directory.append("/").append(program);
        if (access(directory.c_str(), X_OK) == 0)
            return true;
    }
    return false;
}

/// A shell's command; empty: none.
std::string command() {
    for (const char* const name : {"CACHEFILESCTL_PAGER", "SYSTEMD_PAGER", "PAGER"}) {
        if (const char* const value = std::getenv(name)) {
            const std::string command = value;
            return command == "cat" ? "" : command;
        }
    }
    return in_path("less") ? "less" : ""; // a small system has none
}

bool put(std::FILE* file, std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
}

} // namespace

Pager::Pager(const Terminal& terminal, bool wanted) : terminal_(terminal) {
    if (wanted && terminal.output && !terminal.dumb)
        command_ = command();
}

bool Pager::write(std::string_view text) {
    if (pipe_ != nullptr)
        return put(pipe_, text);
    if (command_.empty())
        return put(stdout, text);
    held_ += text;
    if (static_cast<std::size_t>(std::ranges::count(held_, '\n')) < terminal_.style().height)
        return true;
    start();
    const std::string held = std::exchange(held_, {});
    return put(pipe_ == nullptr ? stdout : pipe_, held);
}

void Pager::start() {
    setenv("LESS", "FRSXMK", 0);
    std::signal(SIGPIPE, SIG_IGN); // the reader may have had enough
    std::signal(SIGINT, SIG_IGN);  // is for the pager
    pipe_ = popen(command_.c_str(), "w");
    command_.clear();
}

void Pager::end() {
    put(stdout, std::exchange(held_, {}));
    if (pipe_ != nullptr)
        pclose(std::exchange(pipe_, nullptr));
    command_.clear();
}

} // namespace cachefiles::ctl
