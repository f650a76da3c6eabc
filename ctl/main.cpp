// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/failure.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

using namespace cachefiles::ctl;

namespace {

int end(ExitStatus status) {
    // A disk that is full, a pipe that nobody reads: not success.
    const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    if (!written && status == ExitStatus::success) {
        std::fputs("cachefilesctl: cannot write the output\n", stderr);
        return static_cast<int>(ExitStatus::failure);
    }
    return static_cast<int>(status);
}

int run(int argc, char** argv, Terminal terminal) {
    const Command command = parse_command_line(argc, argv);
    terminal.choose(command.globals.colour);
    Context context(command.globals, terminal);
    return end(command.verb->run(context, command.arguments));
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv, Terminal::look());
    } catch (const Failure& failure) {
        std::fflush(stdout);
        std::fputs(fmt::format("cachefilesctl: {}\n", failure.what()).c_str(), stderr);
        return static_cast<int>(failure.status());
    } catch (const std::exception& error) {
        std::fputs(fmt::format("cachefilesctl: {}\n", error.what()).c_str(), stderr);
        return static_cast<int>(ExitStatus::failure);
    }
}
