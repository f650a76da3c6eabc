// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/node_path.hpp"
#include "mount/node_table.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <vector>

namespace cachefiles::tests {
namespace {

using mount::Attributes;
using mount::attributes_of;
using mount::NodePtr;
using mount::NodeTable;

constexpr std::uint64_t root_id = 1;

struct Fixture {
    TemporaryDirectory directory;
    Fd root{open(directory.path().c_str(), O_PATH | O_CLOEXEC)};
    NodeTable nodes{root.get(), *attributes_of(root.get()), 2};

    void make(const std::string& name) const { std::ofstream(directory.path() / name) << name; }

    NodePtr look_up(const NodePtr& parent, const std::string& name) {
        const auto path = nodes.path_of(parent);
        REQUIRE(path);
        const auto attributes = attributes_of((*path)->get(), name.c_str());
        REQUIRE(attributes);
        return nodes.look_up(parent, name.c_str(), *attributes);
    }
    NodePtr look_up(const std::string& name) { return look_up(nodes.find(root_id), name); }
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "node table: one node for a file, until the kernel gives it back") {
    make("a");
    std::filesystem::create_hard_link(directory.path() / "a", directory.path() / "b");
    const NodePtr node = look_up("a");
    CHECK(look_up("b") == node);
    CHECK(nodes.size() == 2);
    nodes.forget(node->id, 1);
    CHECK(nodes.find(node->id) == node);
    nodes.forget(node->id, 1);
    CHECK(nodes.find(node->id) == nullptr);
    nodes.forget(node->id, 1);
    nodes.forget(root_id, 1);
    CHECK(nodes.find(root_id) != nullptr);
    CHECK(look_up("a")->id != node->id);
}

TEST_CASE_FIXTURE(Fixture, "node table: who only wants a path that is open does not open it") {
    make("a");
    const NodePtr node = look_up("a");
    CHECK(nodes.path_if_open(node) == nullptr);
    mount::NodePath path(nodes, node, nullptr);
    CHECK(nodes.path_if_open(node) == nullptr);
    REQUIRE(path.get());
    CHECK(nodes.path_if_open(node) != nullptr);
    for (const char* name : {"b", "c"}) {
        make(name);
        CHECK(nodes.path_of(look_up(name)));
    }
    CHECK(nodes.path_if_open(node) == nullptr);
    std::filesystem::remove(directory.path() / "a");
    CHECK(path.get()); // once had it stays
    CHECK(mount::NodePath(nodes, node, nullptr).get().error() == ESTALE);
}

TEST_CASE_FIXTURE(Fixture, "node table: a closed file is opened again by its name") {
    std::vector<NodePtr> found;
    for (const char* name : {"a", "b", "c", "d"}) {
        make(name);
        found.push_back(look_up(name));
    }
    for (int round = 0; round < 2; ++round) {
        for (const NodePtr& node : found) {
            const auto path = nodes.path_of(node);
            REQUIRE(path);
            CHECK(attributes_of((*path)->get())->stx_ino == node->identity.inode);
        }
    }
    int open = 0;
    for (const NodePtr& node : found)
        open += node->path != nullptr ? 1 : 0;
    CHECK(open == 2);
}

TEST_CASE_FIXTURE(Fixture, "node table: a name that leads to another file now") {
    make("a");
    const NodePtr node = look_up("a");
    std::filesystem::rename(directory.path() / "a", directory.path() / "kept");
    CHECK(nodes.path_of(node).error() == ESTALE);
    make("a");
    CHECK(nodes.path_of(node).error() == ESTALE);
    nodes.moved(node, nodes.find(root_id), "kept");
    CHECK(nodes.path_of(node));
}

TEST_CASE_FIXTURE(Fixture, "node table: a pinned file needs no name") {
    make("a");
    const NodePtr node = look_up("a");
    REQUIRE(nodes.pin(node) == 0);
    std::filesystem::remove(directory.path() / "a");
    CHECK(nodes.path_of(node));
    CHECK(nodes.pin(node) == 0);
    nodes.forget(node->id, 1);
    CHECK(nodes.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "node table: a superseded node is left to who has it") {
    make("a");
    const NodePtr old = look_up("a");
    nodes.supersede(old);
    const NodePtr next = look_up("a");
    CHECK(next->id != old->id);
    CHECK(nodes.find(old->id) == old);
    nodes.forget(old->id, 1);
    CHECK(look_up("a") == next);
}

TEST_CASE_FIXTURE(Fixture, "node table: paths below directories that are closed") {
    std::filesystem::create_directories(directory.path() / "d/e");
    make("d/e/f");
    const NodePtr d = look_up("d");
    const NodePtr e = look_up(d, "e");
    const NodePtr f = look_up(e, "f");
    CHECK(nodes.path_below_root(f) == "d/e/f");
    CHECK(nodes.path_below_root(nodes.find(root_id)).empty());
    make("x");
    make("y");
    static_cast<void>(nodes.path_of(look_up("x")));
    static_cast<void>(nodes.path_of(look_up("y")));
    CHECK(nodes.path_of(f));
    nodes.moved(d, nodes.find(root_id), "D");
    CHECK(nodes.path_below_root(f) == "D/e/f");
}

} // namespace cachefiles::tests
