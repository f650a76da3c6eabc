// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/interrupts.hpp"
#include "ctl/live_screen.hpp"
#include "ctl/targets.hpp"
#include "ctl/verbs.hpp"
#include "ctl/view/top_view.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

namespace cachefiles::ctl {
namespace {

constexpr std::array top_options{
    Option{"count", "N", "end after so many frames", 'n'},
};

constexpr int redraw_ms = 1000; // what the daemon says is up to two seconds old

enum class Pause { over, resized, ended };

/// Waits for the next frame, a key, or a signal.
Pause pause_between(Interrupts& interrupts, bool keys) {
    std::array<pollfd, 2> polled{pollfd{interrupts.fd(), POLLIN, 0},
                                 pollfd{keys ? STDIN_FILENO : -1, POLLIN, 0}};
    poll(polled.data(), polled.size(), redraw_ms);
    if (const std::optional<int> signal = interrupts.take())
        return *signal == SIGWINCH ? Pause::resized : Pause::ended;
    if (polled[1].revents != 0) {
        char key = 0;
        const ssize_t length = read(STDIN_FILENO, &key, 1);
        if (length <= 0 || key == 'q' || key == 'Q')
            return Pause::ended;
    }
    return Pause::over;
}

/// Frames until somebody has enough of them; `draw` shows one.
template<typename Draw>
void run_frames(Context& context, std::uint64_t count, bool keys, Draw draw) {
    Interrupts interrupts{SIGINT, SIGTERM, SIGWINCH};
    std::optional<Snapshot> before;
    Snapshot now = context.service().snapshot();
    for (std::uint64_t drawn = 0;;) {
        draw(now, before ? &*before : nullptr);
        if (++drawn >= count)
            return;
        const Pause pause = pause_between(interrupts, keys);
        if (pause == Pause::ended)
            return;
        if (pause == Pause::resized) {
            --drawn;
            continue;
        }
        before = std::exchange(now, context.service().snapshot());
    }
}

ExitStatus run_top(Context& context, const Arguments& arguments) {
    const Terminal& terminal = context.terminal();
    const bool live = terminal.output && !terminal.dumb && !context.json();
    const std::uint64_t count = std::max<std::uint64_t>(
        1, arguments.number("count").value_or(live ? ~std::uint64_t{0} : 1));
    (void)context.service(); // fails before the screen is taken
    if (live) {
        LiveScreen screen;
        run_frames(context, count, terminal.input,
                   [&](const Snapshot& now, const Snapshot* before) {
                       screen.draw(top_view(now, before, context.style()));
                   });
        return ExitStatus::success;
    }
    run_frames(context, count, false, [&](const Snapshot& now, const Snapshot* before) {
        context.print(context.json() ? to_line(top_json(now, before))
                                     : top_view(now, before, context.style()));
    });
    return ExitStatus::success;
}

} // namespace

Verb top_verb() {
    return {"top",       "",     0, 0, "the same, live: limits, rates, volumes (q ends it)",
            top_options, run_top};
}

} // namespace cachefiles::ctl
