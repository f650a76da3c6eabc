// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"
#include "mount/source.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>

#include <filesystem>
#include <fstream>

namespace cachefiles::tests {
namespace {

using mount::Attributes;
using mount::attributes_of;
using mount::short_key;
using mount::Source;

std::string key_of(Source& source, const std::string& name) {
    const Fd file(openat(source.root(), name.c_str(), O_PATH | O_CLOEXEC));
    REQUIRE(file);
    const std::expected<Attributes, int> attributes = attributes_of(file.get());
    REQUIRE(attributes);
    const Source::CookieKey key =
        source.cookie_key([&file] { return file.get(); }, *attributes, name);
    CHECK(key.of_handle == key.text.starts_with("h"));
    return key.text;
}

} // namespace

TEST_CASE("source: keys of any length, and different ones for different texts") {
    CHECK(short_key("a") == "a");
    CHECK(short_key(std::string(255, 'x')) == std::string(255, 'x'));
    const std::string longer = short_key(std::string(256, 'x'));
    CHECK(longer.size() == 255);
    CHECK(longer != short_key(std::string(257, 'x')));
    CHECK(longer != short_key("y" + std::string(255, 'x')));
    CHECK(longer == short_key(std::string(256, 'x')));
}

TEST_CASE("source: a file's key stays with it, and goes with it") {
    const TemporaryDirectory directory;
    std::ofstream(directory.path() / "a") << "1";
    std::ofstream(directory.path() / "b") << "2";
    Source source(directory.path());
    const std::string a = key_of(source, "a");
    const std::string b = key_of(source, "b");
    CHECK(a != b);
    CHECK_FALSE(a.empty());
    CHECK(a.size() <= 255);
    CHECK(key_of(source, "a") == a);
    Source again(directory.path().native() + "/");
    CHECK(key_of(again, "a") == a);
    CHECK(again.volume_key() == source.volume_key());
    CHECK(source.volume_key().starts_with("mount,"));
    if (a.starts_with("h")) { // by its handle, and not by its path
        std::filesystem::rename(directory.path() / "a", directory.path() / "c");
        CHECK(key_of(source, "c") == a);
    }
}

TEST_CASE("source: what is not there, or no directory") {
    const TemporaryDirectory directory;
    std::ofstream(directory.path() / "file") << "1";
    CHECK_THROWS_AS(Source(directory.path() / "nothing"), SystemError);
    CHECK_THROWS_AS(Source(directory.path() / "file"), SystemError);
}

} // namespace cachefiles::tests
