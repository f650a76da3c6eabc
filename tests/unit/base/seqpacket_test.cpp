// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/seqpacket.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <array>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>

using namespace cachefiles;

namespace {

using Kind = PacketFailure::Kind;

struct Pair {
    explicit Pair(int flags = SOCK_NONBLOCK) {
        int ends[2];
        REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0, ends) == 0);
        here = Fd(ends[0]);
        there = Fd(ends[1]);
    }

    std::optional<Kind> receive_failure(std::size_t most_descriptors = 0) {
        const auto packet = receive_packet(here.get(), buffer, most_descriptors);
        return packet ? std::nullopt : std::optional(packet.error().kind);
    }
    std::string receive() {
        const auto packet = receive_packet(here.get(), buffer);
        return packet ? std::string(packet->bytes) : "nothing";
    }

    Fd here;
    Fd there;
    std::array<char, 16> buffer{};
};

PacketFailure failure_of(const auto& result) {
    return result ? PacketFailure{Kind::would_block, -1} : result.error(); // none such
}

std::ptrdiff_t open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

Fd null_device() {
    return Fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

ino_t inode_of(int fd) {
    struct stat status{};
    return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

} // namespace

TEST_CASE("a packet arrives as it was sent, one at a time") {
    Pair pair;
    REQUIRE(send_packet(pair.there.get(), "first"));
    REQUIRE(send_packet(pair.there.get(), std::string("a\0b", 3)));
    REQUIRE(send_packet(pair.there.get(), "exactly 16 bytes"));
    CHECK(pair.receive() == "first");
    CHECK(pair.receive() == std::string("a\0b", 3));
    CHECK(pair.receive() == "exactly 16 bytes");
}

TEST_CASE("descriptors travel with a packet, and are not inherited") {
    Pair pair;
    const Fd null = null_device();
    const std::ptrdiff_t before = open_descriptors();
    const std::array<int, 2> sent{null.get(), pair.there.get()};
    REQUIRE(send_packet(pair.there.get(), "two", sent));
    {
        const auto packet = receive_packet(pair.here.get(), pair.buffer, 2);
        REQUIRE(packet);
        CHECK(packet->bytes == "two");
        REQUIRE(packet->descriptors.size() == 2);
        for (std::size_t i = 0; i < 2; ++i) {
            const int fd = packet->descriptors[i].get();
            CHECK(fd != sent[i]);
            CHECK(inode_of(fd) == inode_of(sent[i]));
            CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
        }
    }
    CHECK(open_descriptors() == before);
}

TEST_CASE("as many descriptors as a packet can have") {
    Pair pair;
    std::array<int, max_packet_descriptors + 1> many{};
    many.fill(pair.there.get());
    const std::span<const int> most(many.data(), max_packet_descriptors);
    REQUIRE(send_packet(pair.there.get(), "many", most));
    const auto packet = receive_packet(pair.here.get(), pair.buffer, max_packet_descriptors);
    REQUIRE(packet);
    CHECK(packet->descriptors.size() == max_packet_descriptors);
    CHECK(failure_of(send_packet(pair.there.get(), "more", many)) ==
          PacketFailure{Kind::failed, EINVAL});
    CHECK(failure_of(receive_packet(pair.here.get(), pair.buffer, max_packet_descriptors + 1)) ==
          PacketFailure{Kind::failed, EINVAL});
}

TEST_CASE("nothing to receive is not the end, nor an error") {
    Pair pair;
    CHECK(pair.receive_failure() == Kind::would_block);
    REQUIRE(send_packet(pair.there.get(), "late"));
    CHECK(pair.receive() == "late");
}

TEST_CASE("a peer that does not read is waited for by the sender") {
    Pair pair;
    int sent = 0;
    std::expected<void, PacketFailure> result;
    while ((result = send_packet(pair.there.get(), "0123456789")))
        ++sent;
    CHECK(sent > 0);
    CHECK(failure_of(result) == PacketFailure{Kind::would_block, EAGAIN});
    for (int i = 0; i < sent; ++i)
        REQUIRE(pair.receive() == "0123456789");
    CHECK(send_packet(pair.there.get(), "room"));
}

TEST_CASE("the other end's closing is told to both, after what was sent") {
    Pair pair;
    REQUIRE(send_packet(pair.there.get(), "last"));
    pair.there.reset();
    CHECK(pair.receive() == "last");
    CHECK(pair.receive_failure() == Kind::closed);
    CHECK(failure_of(send_packet(pair.here.get(), "x")).kind == Kind::closed); // and no SIGPIPE
}

TEST_CASE("a peer that closes without having read is closed, too") {
    Pair pair;
    REQUIRE(send_packet(pair.here.get(), "unread"));
    pair.there.reset();
    CHECK(pair.receive_failure() == Kind::closed);
}

TEST_CASE("no packet is empty") {
    Pair pair;
    CHECK(failure_of(send_packet(pair.there.get(), "")) == PacketFailure{Kind::failed, EINVAL});
    REQUIRE(send(pair.there.get(), "", 0, 0) == 0);
    CHECK(pair.receive_failure() == Kind::closed);
}

TEST_CASE("a packet that is too long is refused, and its descriptors are closed") {
    Pair pair;
    const std::ptrdiff_t before = open_descriptors();
    const std::array<int, 1> sent{pair.there.get()};
    REQUIRE(send_packet(pair.there.get(), "seventeen bytes ..", sent));
    REQUIRE(send_packet(pair.there.get(), "next"));
    CHECK(pair.receive_failure(1) == Kind::too_long);
    CHECK(open_descriptors() == before);
    CHECK(pair.receive() == "next");
}

TEST_CASE("a packet longer than the send buffer cannot be sent") {
    Pair pair;
    CHECK(failure_of(send_packet(pair.there.get(), std::string(16 << 20, 'x'))) ==
          PacketFailure{Kind::failed, EMSGSIZE});
}

TEST_CASE("descriptors that nobody asked for are closed") {
    Pair pair;
    const std::ptrdiff_t before = open_descriptors();
    const std::array<int, 3> sent{pair.here.get(), pair.there.get(), pair.there.get()};
    for (std::size_t count = 1; count <= sent.size(); ++count) {
        for (std::size_t most = 0; most < count; ++most) {
            REQUIRE(send_packet(pair.there.get(), "x", std::span(sent).first(count)));
            CHECK(pair.receive_failure(most) == Kind::descriptors_lost);
            CHECK(open_descriptors() == before);
        }
    }
}

TEST_CASE("descriptors that the process cannot have are lost, and no other") {
    Pair pair;
    const std::array<int, 2> sent{pair.there.get(), pair.there.get()};
    REQUIRE(send_packet(pair.there.get(), "two", sent));
    const std::ptrdiff_t before = open_descriptors();
    rlimit old{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &old) == 0);
    rlimit tight = old; // room for one of the two
    tight.rlim_cur = static_cast<rlim_t>(null_device().get()) + 1;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &tight) == 0);
    const std::optional<Kind> kind = pair.receive_failure(2);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &old) == 0);
    CHECK(kind == Kind::descriptors_lost);
    CHECK(open_descriptors() == before);
}

TEST_CASE("what is no such socket is an error") {
    const Fd null = null_device();
    std::array<char, 16> buffer{};
    CHECK(failure_of(receive_packet(null.get(), buffer)) == PacketFailure{Kind::failed, ENOTSOCK});
    CHECK(failure_of(send_packet(null.get(), "x")) == PacketFailure{Kind::failed, ENOTSOCK});
    const Fd alone(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    CHECK(failure_of(receive_packet(alone.get(), buffer)) == PacketFailure{Kind::failed, ENOTCONN});
    CHECK(failure_of(send_packet(alone.get(), "x")) == PacketFailure{Kind::failed, ENOTCONN});
}

namespace {

volatile sig_atomic_t alarms = 0;
int alarm_socket = -1;
/// Nothing ends the waiting before the fifth signal.
constexpr int last_alarm = 5;

void on_alarm(int) {
    const int error = errno;
    alarms = alarms + 1;
    char bytes[16];
    // What cannot send has a full queue: somebody waits to send to here.
    if (alarms == last_alarm && send(alarm_socket, "x", 1, MSG_DONTWAIT) != 1)
        while (recv(alarm_socket, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
        }
    errno = error;
}

/// Signals in a short interval, whose handler does not have system calls go on.
class Alarms final {
public:
    explicit Alarms(int socket) {
        alarms = 0;
        alarm_socket = socket;
        struct sigaction action{};
        action.sa_handler = on_alarm;
        REQUIRE(sigaction(SIGALRM, &action, &old_) == 0);
        const itimerval interval{{0, 2000}, {0, 2000}};
        REQUIRE(setitimer(ITIMER_REAL, &interval, nullptr) == 0);
    }
    Alarms(const Alarms&) = delete;
    Alarms& operator=(const Alarms&) = delete;
    ~Alarms() {
        const itimerval none{};
        setitimer(ITIMER_REAL, &none, nullptr);
        sigaction(SIGALRM, &old_, nullptr);
    }

private:
    struct sigaction old_{};
};

} // namespace

TEST_CASE("a signal does not interrupt receiving") {
    Pair pair(0);
    const Alarms running(pair.there.get());
    CHECK(pair.receive() == "x");
    CHECK(alarms >= last_alarm);
}

TEST_CASE("a signal does not interrupt sending") {
    Pair pair(0);
    while (send(pair.here.get(), "x", 1, MSG_DONTWAIT) == 1) {
    }
    while (send(pair.there.get(), "x", 1, MSG_DONTWAIT) == 1) { // so that the handler reads
    }
    const Alarms running(pair.there.get());
    CHECK(send_packet(pair.here.get(), "y"));
    CHECK(alarms >= last_alarm);
}
