// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/line_writer.hpp"
#include "tests/unit/admin/admin_bench.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <thread>

using namespace cachefiles;
using namespace cachefiles::daemon::admin;
using namespace cachefiles::tests;

namespace {

struct Pipe {
    Fd reader, writer;

    Pipe() {
        std::array<int, 2> ends{};
        REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
        reader = Fd(ends[0]);
        writer = Fd(ends[1]);
    }
};

std::string read_to_end(int fd) {
    std::string text;
    std::array<char, 65'536> buffer{};
    for (ssize_t got = 1; got > 0;) {
        got = read(fd, buffer.data(), buffer.size());
        text.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    return text;
}

std::expected<JobId, Refusal> dump(AdminBench& bench, std::optional<std::string> volume, Fd fd) {
    return bench.answer<JobId>([&](auto answer) {
        bench.administrator->dump(std::move(volume), std::move(fd), std::move(answer));
    });
}

/// More than a pipe holds.
void fill(AdminBench& bench) {
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 3'000; ++i)
        bench.add(volume, i);
}

} // namespace

TEST_SUITE_BEGIN("admin: dump");

TEST_CASE("a line of JSON for each object, least recently used first") {
    AdminBench bench;
    const std::string strange("a\"b\\c\n\xff\xc3\xa4", 9);
    const index::VolumeId volume = bench.index->add_volume(strange);
    const index::VolumeId other = bench.index->add_volume("other");
    bench.index->put({volume, 0x1f}, "Dold", {4096, 100});
    bench.index->put({volume, 0x02}, "Dused", {512, 50, index::ObjectState::in_use});
    bench.index->put({other, 0xff}, "Dnew", {8192, 200});
    bench.start();
    Pipe pipe;
    const JobId job = *dump(bench, {}, std::move(pipe.writer));
    std::istringstream text(read_to_end(pipe.reader.get()));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);)
        lines.push_back(line);
    REQUIRE(lines.size() == 3);
    const std::string number =
        std::to_string(bench.index->find(index::DirectoryId{volume, 0x1f}, "Dold")->id.value());
    const std::string key = R"(a\"b\\\\c\\x0a\\xffä)";
    CHECK(lines[0] == R"({"number":)" + number + R"(,"volume":")" + key +
                          R"(","directory":31,"name":"Dold","size":4096,"last-use":100,)" +
                          R"("in-use":false,"path":"cache/I)" + key + R"(/@1f/Dold"})");
    CHECK(lines[1].find(R"("name":"Dnew")") != std::string::npos);
    CHECK(lines[2].find(R"("name":"Dused")") != std::string::npos);
    CHECK(lines[2].find(R"("in-use":true)") != std::string::npos);
    const JobReport report = bench.ended(job);
    CHECK(report.state == JobState::done);
    CHECK(report.objects == 3);
    CHECK(report.progress == 10'000);

    Pipe second;
    (void)dump(bench, "other", std::move(second.writer));
    const std::string only = read_to_end(second.reader.get());
    CHECK(only.find("Dnew") != std::string::npos);
    CHECK(only.find("Dold") == std::string::npos);
    CHECK(dump(bench, "?", Fd()).error().kind == Refusal::Kind::no_such_volume);
}

TEST_CASE("all of it, through whatever is given") {
    AdminBench bench;
    fill(bench);
    bench.start();
    const auto lines = [](const std::string& text) {
        return std::count(text.begin(), text.end(), '\n');
    };
    SUBCASE("a pipe") {
        Pipe pipe;
        REQUIRE(dump(bench, {}, std::move(pipe.writer)));
        CHECK(lines(read_to_end(pipe.reader.get())) == 3'000);
    }
    SUBCASE("a socket") {
        std::array<int, 2> ends{};
        REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
        const Fd reader(ends[0]);
        REQUIRE(dump(bench, {}, Fd(ends[1])));
        CHECK(lines(read_to_end(reader.get())) == 3'000);
    }
    SUBCASE("a file") {
        const auto path = bench.directory.path() / "dump";
        Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        CHECK(bench.ended(*dump(bench, {}, std::move(file))).state == JobState::done);
        std::ifstream stream(path);
        CHECK(lines({std::istreambuf_iterator<char>(stream), {}}) == 3'000);
    }
}

TEST_CASE("a reader that takes nothing holds up nothing else, and can be done without") {
    AdminBench bench;
    fill(bench);
    Administrator& administrator = bench.start();
    Pipe pipe;
    const JobId job = *dump(bench, {}, std::move(pipe.writer));
    bench.wait_for([&] { return bench.job(job).state == JobState::running; });
    // Reports are made, questions answered, objects culled.
    bench.add(bench.add_mounted("w"), 1);
    CHECK(bench.fresh_report()->totals.objects == 3'001);
    CHECK(administrator.cancel(job));
    CHECK(bench.ended(job).state == JobState::canceled);
    CHECK(bench.ended(*bench.purge({})).objects == 3'001);
}

TEST_CASE("a reader that goes away cancels it") {
    AdminBench bench;
    fill(bench);
    bench.start();
    Pipe pipe;
    const JobId job = *dump(bench, {}, std::move(pipe.writer));
    bench.wait_for([&] { return bench.job(job).state == JobState::running; });
    pipe.reader.reset();
    CHECK(bench.ended(job).state == JobState::canceled);
}

TEST_CASE("an end of the daemon does not wait for a reader") {
    AdminBench bench;
    fill(bench);
    Administrator& administrator = bench.start();
    Pipe pipe;
    const JobId job = *dump(bench, {}, std::move(pipe.writer));
    bench.wait_for([&] { return bench.job(job).state == JobState::running; });
    administrator.stop();
    CHECK(bench.job(job).state == JobState::canceled);
}

TEST_CASE("a writer says for how long nothing was taken") {
    Pipe pipe;
    LineWriter writer(std::move(pipe.writer));
    std::chrono::milliseconds last{0};
    const auto go_on = [&last](std::chrono::milliseconds stalled) {
        CHECK(stalled > last);
        last = stalled;
        return stalled.count() < 300;
    };
    CHECK(writer.write(std::string(1 << 20, 'x'), go_on) == LineWriter::Result::stopped);
    CHECK(last.count() >= 300);
    LineWriter none{Fd()};
    CHECK(none.write("x", [](std::chrono::milliseconds) { return true; }) !=
          LineWriter::Result::written);
}

TEST_SUITE_END();
