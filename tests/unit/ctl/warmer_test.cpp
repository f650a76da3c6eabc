// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/local/keep_watch.hpp"
#include "ctl/local/pace.hpp"
#include "ctl/local/warmer.hpp"
#include "tests/unit/simulated_clock.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <map>
#include <mutex>

using namespace cachefiles;
using namespace cachefiles::ctl;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t mebibyte = 1 << 20;

/// A cache that has what the test says, by inode; what is in no list is there once it was asked
/// for.
class FakeShares final : public CachedShares {
public:
    [[nodiscard]] std::expected<CachedShare, int> of(int file) const override {
        struct stat status{};
        if (fstat(file, &status) != 0)
            return std::unexpected(errno);
        const auto size = static_cast<std::uint64_t>(status.st_size);
        const std::lock_guard lock(mutex_);
        if (broken)
            return std::unexpected(EIO);
        const bool asked = ++asked_[status.st_ino] > asked_before_;
        return CachedShare{keeps && asked ? size : 0, size};
    }
    [[nodiscard]] std::expected<MountFacts, int> mount(int) const override { return MountFacts{}; }

    /// Each file comes into the cache after it was asked about so often.
    void come_after(int asked) {
        const std::lock_guard lock(mutex_);
        asked_before_ = asked;
        asked_.clear();
    }
    std::atomic<bool> keeps = true;
    std::atomic<bool> broken = false;

private:
    mutable std::mutex mutex_;
    mutable std::map<ino_t, int> asked_;
    int asked_before_ = 1;
};

void make_files(const std::filesystem::path& path, int count, std::uint64_t size) {
    std::filesystem::create_directories(path);
    for (int i = 0; i < count; ++i) {
        std::ofstream(path / std::to_string(i));
        std::filesystem::resize_file(path / std::to_string(i), size);
    }
}

void wait_for(const Warmer& warmer) {
    pollfd polled{warmer.done_fd(), POLLIN, 0};
    REQUIRE(poll(&polled, 1, -1) == 1);
}

Fd opened(const std::filesystem::path& path) {
    return Fd(open(path.c_str(), O_PATH | O_CLOEXEC));
}

} // namespace

TEST_CASE("a pace leaves as much time as the bytes take") {
    Pace pace(1000);
    CHECK(pace.reserve(5s, 500) == 5s);
    CHECK(pace.reserve(5s, 250) == 5500ms);
    CHECK(pace.reserve(5s, 1) == 5750ms);
    CHECK(pace.reserve(9s, 1000) == 9s); // what was not used is not made up for
    CHECK(pace.reserve(9s, 1) == 10s);
    Pace none(0);
    CHECK(none.reserve(1s, mebibyte) == 1s);
    CHECK(none.reserve(1s, mebibyte) == 1s);
}

TEST_CASE("reading is in vain when for some time, and of much, nothing is kept") {
    const tests::TemporaryDirectory directory;
    make_files(directory.path(), 2, 1000 * mebibyte);
    const Fd file = opened(directory.path() / "0");
    FakeShares shares;
    tests::SimulatedClock clock;
    KeepWatch watch(shares, clock, 5s);
    CachedShare share{0, 1000 * mebibyte};
    shares.keeps = false;
    CHECK_FALSE(watch.read(file.get(), 500 * mebibyte, share)); // no time went by
    clock.advance(4900ms);
    CHECK_FALSE(watch.read(file.get(), 500 * mebibyte, share));
    clock.advance(200ms);
    CHECK(watch.read(file.get(), 1, share));
    shares.keeps = true;
    CHECK_FALSE(watch.read(file.get(), 1, share));
    CHECK(watch.kept() == 1000 * mebibyte);

    // Much time, but few bytes: a source that is slow.
    shares.keeps = false;
    share = {};
    clock.advance(1h);
    CHECK_FALSE(watch.read(file.get(), 63 * mebibyte, share));
    CHECK(watch.read(file.get(), mebibyte, share));
}

TEST_CASE("what comes into the cache a little later is kept, too") {
    const tests::TemporaryDirectory directory;
    make_files(directory.path(), 100, mebibyte);
    FakeShares shares;
    shares.keeps = false;
    tests::SimulatedClock clock;
    KeepWatch watch(shares, clock, 5s);
    const auto read_all = [&] {
        bool vain = false;
        for (int i = 0; i < 100; ++i) {
            CachedShare share{0, mebibyte};
            vain = watch.finished(opened(directory.path() / std::to_string(i)), mebibyte, share);
        }
        return vain;
    };
    CHECK_FALSE(read_all());
    CHECK(watch.missing() == 100 * mebibyte);
    CHECK_FALSE(watch.settle());
    clock.advance(1min);
    shares.keeps = true;
    shares.come_after(1); // not when a file ends, but when those before are looked at again
    CHECK_FALSE(read_all());
    (void)watch.settle();
    CHECK(watch.missing() == 37 * mebibyte); // of the first time: too long ago to be looked at
    CHECK(watch.kept() == 163 * mebibyte);
}

TEST_CASE("a warmer reads what is not cached, in all trees, and once") {
    const tests::TemporaryDirectory directory;
    make_files(directory.path() / "one", 20, 3000);
    make_files(directory.path() / "two/deep", 3, 40 * mebibyte + 1);
    make_files(directory.path() / "two", 2, 0);
    const auto shares = std::make_shared<FakeShares>();
    const WarmOptions options{{directory.path() / "one", directory.path() / "two"}, 3, 0, 5s};
    {
        const Warmer warmer(options, shares);
        wait_for(warmer);
        const WarmCount count = warmer.count();
        CHECK(count.files == 23);
        CHECK(count.bytes == 20 * 3000 + 3 * (40 * mebibyte + 1));
        CHECK(count.there == 2); // the empty ones
        CHECK(count.kept == count.bytes);
        CHECK(count.missing == 0);
        CHECK(count.unreadable == 0);
        CHECK_FALSE(count.in_vain);
    }
    const Warmer again(options, shares);
    wait_for(again);
    CHECK(again.count().files == 0);
    CHECK(again.count().bytes == 0);
    CHECK(again.count().there == 25);
    CHECK(again.count().there_bytes == 20 * 3000 + 3 * (40 * mebibyte + 1));
}

TEST_CASE("a warmer stops while it waits for its pace") {
    const tests::TemporaryDirectory directory;
    make_files(directory.path(), 1, 100 * mebibyte);
    Warmer warmer({{directory.path()}, 2, 8192, 5s}, std::make_shared<FakeShares>()); // hours
    while (warmer.count().bytes == 0)
        ;
    warmer.stop();
    wait_for(warmer);
    CHECK(warmer.count().files == 0);
    CHECK(warmer.count().bytes < mebibyte);
}

TEST_CASE("what a warmer cannot read it says") {
    const tests::TemporaryDirectory directory;
    make_files(directory.path(), 3, 10);
    const auto shares = std::make_shared<FakeShares>();
    shares->broken = true;
    Warmer warmer({{directory.path(), directory.path() / "nothing"}, 1, 0, 5s}, shares);
    wait_for(warmer);
    CHECK(warmer.count().unreadable == 4);
    CHECK(warmer.complaints().take().size() == 4);
}

TEST_CASE("a warmer whose cache keeps nothing gives up") {
    const tests::TemporaryDirectory directory;
    make_files(directory.path(), 3, 60 * mebibyte); // of holes
    const auto shares = std::make_shared<FakeShares>();
    shares->keeps = false;
    const Warmer warmer({{directory.path()}, 1, 0, 0s}, shares);
    wait_for(warmer);
    CHECK(warmer.count().in_vain);
    CHECK(warmer.count().bytes < 120 * mebibyte);
    CHECK(warmer.count().kept == 0);
}

TEST_CASE("what did not come into the cache is said, where it is too little to give up") {
    const tests::TemporaryDirectory directory;
    make_files(directory.path(), 3, mebibyte);
    const auto shares = std::make_shared<FakeShares>();
    shares->keeps = false;
    const Warmer warmer({{directory.path()}, 1, 0, 0s}, shares);
    wait_for(warmer);
    CHECK_FALSE(warmer.count().in_vain);
    CHECK(warmer.count().files == 3);
    CHECK(warmer.count().missing == 3 * mebibyte);
}
