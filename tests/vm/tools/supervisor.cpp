// SPDX-License-Identifier: GPL-2.0-or-later
// supervisor SOCKET WATCHDOG_SECONDS COMMAND ARGUMENT...: plays systemd for one service. It keeps
// the service's descriptors while the service is restarted, and prints what happens, a line for
// each event.
//
//   SIGUSR1  ends the service and keeps its descriptors       SIGUSR2  (re)starts it
//   SIGTERM  ends it, drops the descriptors, and ends
// A service that dies of a signal is started again. One that ends otherwise, unasked, ends this
// too.
#include "base/error.hpp"
#include "tests/vm/tools/service.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>

using namespace cachefiles;
using namespace cachefiles::vm;

namespace {

enum class Wanted { run, rest, restart, end };

class Supervisor final {
public:
    Supervisor(std::string socket, long watchdog, char** command)
        : socket_(socket), service_(command, std::move(socket), watchdog) {
        sigset_t signals;
        sigemptyset(&signals);
        for (const int number : {SIGTERM, SIGUSR1, SIGUSR2, SIGCHLD})
            sigaddset(&signals, number);
        sigprocmask(SIG_BLOCK, &signals, nullptr);
        signals_ = Fd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    }

    int run() {
        start();
        while (wanted_ != Wanted::end || service_.pid() != 0) {
            std::array<pollfd, 2> watched{pollfd{signals_.get(), POLLIN, 0},
                                          pollfd{socket_.descriptor(), POLLIN, 0}};
            poll(watched.data(), watched.size(), -1);
            take_messages(); // first: what a service sent before it died counts
            take_signals();
        }
        store_.clear();
        return 0;
    }

private:
    void start() {
        wanted_ = Wanted::run;
        service_.start(store_);
        std::printf("started %d with %s\n", service_.pid(), store_.names().c_str());
    }

    void stop(Wanted then) {
        wanted_ = then;
        service_.signal(SIGTERM);
    }

    void take_messages() {
        while (std::optional<Message> message = socket_.receive()) {
            for (const std::string& line : message->lines)
                std::printf("message %s\n", line.c_str());
            if (const std::string done = store_.apply(*message); !done.empty())
                std::printf("%s; keeping %s\n", done.c_str(), store_.names().c_str());
        } // a barrier ends here: its descriptor is closed, and all before it has been dealt with
    }

    void take_signals() {
        signalfd_siginfo info{};
        while (read(signals_.get(), &info, sizeof info) == sizeof info) {
            if (info.ssi_signo == SIGTERM)
                stop(Wanted::end);
            else if (info.ssi_signo == SIGUSR1)
                stop(Wanted::rest);
            else if (info.ssi_signo == SIGUSR2)
                service_.pid() == 0 ? start() : stop(Wanted::restart);
            else
                child_ended();
        }
    }

    void child_ended() {
        const std::string how = service_.ended();
        if (how.empty())
            return;
        take_messages();
        std::printf("ended: %s\n", how.c_str());
        if (wanted_ == Wanted::restart || (wanted_ == Wanted::run && how.starts_with("signal")))
            start();
        else if (wanted_ == Wanted::run)
            wanted_ = Wanted::end;
    }

    NotifySocket socket_;
    Service service_;
    FdStore store_;
    Fd signals_;
    Wanted wanted_ = Wanted::run;
};

} // namespace

int main(int argc, char** argv) {
    if (argc < 4)
        return 2;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    try {
        return Supervisor(argv[1], std::atol(argv[2]), argv + 3).run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "supervisor: %s\n", error.what());
        return 1;
    }
}
