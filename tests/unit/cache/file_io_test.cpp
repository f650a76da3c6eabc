// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/fd.hpp"
#include "cache/file_io.hpp"

#include <doctest/doctest.h>

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::cache;

namespace {

constexpr std::uint64_t block = Content::block_size;

/// On a file in memory, with so much room.
class MemoryFile final : public BackendFile {
public:
    MemoryFile(std::uint64_t object_size, std::uint64_t room)
        : content_(object_size), room_(std::make_shared<std::uint64_t>(room)) {
        REQUIRE(ftruncate(fd_.get(), static_cast<off_t>((object_size + 4095) / 4096 * 4096)) == 0);
    }
    [[nodiscard]] int descriptor() const override { return fd_.get(); }
    [[nodiscard]] Content& content() override { return content_; }
    [[nodiscard]] std::expected<std::unique_ptr<SpaceHold>, int>
    hold_space(std::uint64_t bytes) override {
        class Hold final : public SpaceHold {
        public:
            Hold(std::shared_ptr<std::uint64_t> room, std::uint64_t bytes)
                : room_(std::move(room)), bytes_(bytes) {
                *room_ -= bytes_;
            }
            ~Hold() override { *room_ += bytes_; }

        private:
            std::shared_ptr<std::uint64_t> room_;
            std::uint64_t bytes_;
        };
        if (bytes > *room_)
            return std::unexpected(ENOSPC);
        return std::make_unique<Hold>(room_, bytes);
    }
    void commit_later(std::uint64_t first_block, std::uint64_t count) override {
        later.push_back({first_block, count});
    }
    void note_use() override {}

    void fill(std::uint64_t start, std::uint64_t length, char with) {
        const std::string bytes(length, with);
        REQUIRE(pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(start)) ==
                static_cast<ssize_t>(length));
    }
    std::uint64_t room() const { return *room_; }

    std::vector<Content::Blocks> later;

private:
    Fd fd_{memfd_create("file_io_test", MFD_CLOEXEC)};
    Content content_;
    std::shared_ptr<std::uint64_t> room_;
};

std::shared_ptr<MemoryFile> make_file(std::uint64_t object_size, std::uint64_t room = 1 << 30) {
    return std::make_shared<MemoryFile>(object_size, room);
}

/// As runs: "a3z2" is aaa, then two bytes of zero; or the error.
std::string read_text(BackendFile& file, std::uint64_t start, std::size_t length, HoleMode holes) {
    std::vector<std::byte> buffer(length, std::byte{'?'});
    const std::expected<std::size_t, int> done = cache::read(file, start, buffer, holes);
    if (!done)
        return "error " + std::to_string(done.error());
    std::string text;
    for (std::size_t at = 0; at < *done;) {
        std::size_t end = at;
        while (end < *done && buffer[end] == buffer[at])
            ++end;
        const char c = static_cast<char>(buffer[at]);
        text += (c == 0 ? 'z' : c) + std::to_string(end - at) + ' ';
        at = end;
    }
    return text;
}

std::string size_text(char what, std::uint64_t size) {
    return what + std::to_string(size) + ' ';
}

} // namespace

TEST_SUITE_BEGIN("cache::file_io");

TEST_CASE("a read takes what the file has, or zeros where nothing is present, or fails") {
    const auto file = make_file(4 * block);
    file->fill(0, 4 * block, 'a'); // somebody is writing
    CHECK(file->content().written({block, block}));
    CHECK(read_text(*file, 0, 3 * block, HoleMode::ignore) == size_text('a', 3 * block));
    CHECK(read_text(*file, 0, 3 * block, HoleMode::clear) ==
          size_text('z', block) + size_text('a', block) + size_text('z', block));
    CHECK(read_text(*file, block - 5, 10, HoleMode::fail) == "z5 a5 ");
    CHECK(read_text(*file, 2 * block, 10, HoleMode::fail) == "error " + std::to_string(ENODATA));
    CHECK(read_text(*file, 2 * block, 10, HoleMode::clear) == "z10 ");
    CHECK(file->content().written({3 * block, block}));
    CHECK(read_text(*file, 2 * block - 1, 2 * block, HoleMode::fail) ==
          "a1 " + size_text('z', block) + size_text('a', block - 1));
}

TEST_CASE("a read is short at the end of the file, which has whole units") {
    const auto file = make_file(block + 100);
    file->fill(0, block + 100, 'a');
    CHECK(file->content().written({0, 2 * block}));
    for (const HoleMode holes : {HoleMode::ignore, HoleMode::clear, HoleMode::fail}) {
        CHECK(read_text(*file, block, 10'000, holes) == "a100 z3996 ");
        CHECK(read_text(*file, block + 10, 20, holes) == "a20 ");
    }
    CHECK(read_text(*file, block + 4096, 10, HoleMode::ignore).empty());
    CHECK(read_text(*file, 0, 0, HoleMode::ignore).empty());
}

TEST_CASE("what follows the object's end is zero, whatever is in the file") {
    const auto file = make_file(100);
    file->fill(0, 4096, 'a');
    CHECK(file->content().written({0, 100}));
    CHECK(read_text(*file, 0, 4096, HoleMode::clear) == "a100 z3996 ");
}

TEST_CASE("what was read from a file that has ended does not count") {
    const auto file = make_file(block);
    file->content().end();
    for (const HoleMode holes : {HoleMode::ignore, HoleMode::clear})
        CHECK(read_text(*file, 0, 10, holes) == "error " + std::to_string(ESTALE));
}

TEST_CASE("to fill is to be granted whole absent blocks, and room for them") {
    const auto file = make_file(3 * block + 10, 2 * block);
    const auto prepare = [&file](std::uint64_t start, std::uint64_t length) {
        return prepare_write(file, WritePurpose::fill, start, length);
    };
    {
        auto grant = prepare(block + 5, 1);
        REQUIRE(grant);
        CHECK(grant->start == block);
        CHECK(grant->length == block);
        CHECK(file->room() == block);
        CHECK(prepare(0, 3 * block).error() == ENOSPC);
        CHECK(commit_write(*std::move(grant), block, block) == 0);
    }
    CHECK(file->room() == 2 * block);
    CHECK(file->later == std::vector<Content::Blocks>{{1, 1}});
    CHECK(file->content().holds({block, block}));
    CHECK(prepare(block, block).error() == EEXIST);
    CHECK(prepare(4 * block, 1).error() == EINVAL);
    CHECK(prepare(0, 0).error() == EINVAL);
    CHECK(prepare(UINT64_MAX, 1).error() == EINVAL);
    CHECK(prepare(1, UINT64_MAX).error() == EINVAL);
    CHECK(prepare(3 * block, 1)->length == 10);
    CHECK(file->content().left_behind().size() == 2);
}

TEST_CASE("to modify is granted as asked for; what is present needs no room") {
    const auto file = make_file(4 * block, block);
    CHECK(file->content().written({0, block}));
    const auto prepare = [&file](std::uint64_t start, std::uint64_t length) {
        return prepare_write(file, WritePurpose::modify, start, length);
    };
    {
        const auto grant = prepare(100, 200);
        REQUIRE(grant);
        CHECK(grant->start == 100);
        CHECK(grant->length == 200);
        CHECK_FALSE(grant->space);
    }
    {
        const auto grant = prepare(block - 1, 3);
        REQUIRE(grant);
        CHECK(file->room() == 0);
    }
    CHECK(file->content().left_behind() == std::vector<Content::Blocks>{{1, 1}});
    CHECK(prepare(block, block + 1).error() == ENOSPC);
    file->content().end();
    CHECK(prepare(0, 1).error() == ESTALE);
}

TEST_CASE("a commit sets only what is whole, within its grant, and of a file that lives") {
    const auto file = make_file(4 * block);
    const auto grant = [&file] {
        return prepare_write(file, WritePurpose::fill, block, 2 * block).value();
    };
    CHECK(commit_write(grant(), 0, block) == EINVAL);
    CHECK(commit_write(grant(), block, 3 * block) == EINVAL);
    CHECK(commit_write(grant(), 3 * block, 1) == EINVAL);
    CHECK(commit_write(grant(), 3 * block, UINT64_MAX) == EINVAL);
    CHECK(commit_write(grant(), block, 0) == 0);
    CHECK(commit_write(grant(), 2 * block - 1, block) == 0);
    CHECK(file->later.empty());
    CHECK_FALSE(file->content().first_data({0, 4 * block}));
    CHECK(commit_write(grant(), block, block + 5) == 0);
    CHECK(file->content().first_data({0, 4 * block}) == Content::Range{block, block});
    WriteGrant late = prepare_write(file, WritePurpose::fill, 2 * block, block).value();
    file->content().end();
    CHECK(commit_write(std::move(late), 2 * block, block) == ESTALE);
    CHECK(file->later == std::vector<Content::Blocks>{{1, 1}});
}

TEST_SUITE_END();
