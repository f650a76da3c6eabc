// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/read_sections.hpp"

#include <doctest/doctest.h>

#include <optional>

namespace cachefiles::tests {
namespace {

using client::OpenFile;
using client::ReadSections;

std::shared_ptr<const OpenFile> some_file() {
    return std::make_shared<const OpenFile>();
}

} // namespace

TEST_CASE("read sections: a file that nobody reads is free at once") {
    ReadSections sections;
    CHECK(sections.collect().empty());
    sections.admit();
    sections.retire(some_file());
    CHECK(sections.pending());
    CHECK(sections.collect().size() == 1);
    CHECK(!sections.pending());
}

TEST_CASE(
    "read sections: a file is kept for who began before it was retired, not for who came after") {
    ReadSections sections;
    std::optional<ReadSections::Section> reader(std::in_place, sections);
    sections.admit();
    sections.retire(some_file());
    CHECK(sections.collect().empty());
    const ReadSections::Section later(sections); // of the other counter
    CHECK(sections.collect().empty());
    reader.reset();
    CHECK(sections.collect().size() == 1);
}

TEST_CASE("read sections: readers that never all pause do not keep a file for ever") {
    ReadSections sections;
    std::optional<ReadSections::Section> one(std::in_place, sections);
    std::optional<ReadSections::Section> other;
    sections.admit();
    sections.retire(some_file());
    std::size_t freed = 0;
    for (int i = 0; i < 3; ++i) {
        freed += sections.collect().size();
        other.emplace(sections);
        one.reset();
        freed += sections.collect().size();
        one.emplace(sections);
        other.reset();
    }
    CHECK(freed == 1);
}

} // namespace cachefiles::tests
