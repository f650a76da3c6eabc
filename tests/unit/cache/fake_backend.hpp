// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/backend.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cachefiles::tests {

/// A disk in memory, and what goes wrong on it. Records the calls, and what breaks the interface's
/// rules: two calls at once about the same thing, or one after the last.
class FakeDisk {
public:
    /// What is in a file: who wrote into it last; 0: empty.
    struct Content {
        explicit Content(std::uint64_t object_size)
            : map(std::make_shared<cache::Content>(object_size)) {}

        std::shared_ptr<cache::Content> map;
        std::uint64_t version = 0;
        std::map<std::uint64_t, std::uint64_t> blocks; ///< the same of each block
        bool found = false; ///< it was on the disk, and needs a mark before it is modified
        bool detached = false;
    };
    struct File {
        cache::Coherency coherency;
        std::shared_ptr<Content> content;
        bool dirty = false;
    };

    std::map<std::pair<std::string, std::string>, File> files; ///< by volume and key
    std::map<std::string, std::string> volumes;                ///< their coherency data
    std::map<std::string, std::uint32_t> owners;
    std::vector<std::string> calls;
    std::vector<std::string> offences;
    /// In the middle of each call: the test may do there what another thread could.
    std::function<void(const std::string& call)> hook;
    std::function<void()> space_hook; ///< the same, where room is asked for

    bool no_volumes = false;
    bool no_lookups = false;
    bool no_creation = false; ///< found missing, and then it fails
    bool no_invalidation = false;
    bool no_space = false;
    int live_objects = 0;
    int live_volumes = 0;
    int descriptor = -1; ///< of all files

    void call(const std::string& what) {
        calls.push_back(what);
        if (hook)
            hook(what);
    }
};

class FakeFile final : public cache::BackendFile {
public:
    FakeFile(FakeDisk& disk, std::string key, std::shared_ptr<FakeDisk::Content> of)
        : data(std::move(of)), disk_(disk), key_(std::move(key)) {}
    [[nodiscard]] int descriptor() const override { return disk_.descriptor; }
    [[nodiscard]] cache::Content& content() override { return *data->map; }
    [[nodiscard]] std::expected<std::unique_ptr<cache::SpaceHold>, int>
    hold_space(std::uint64_t) override {
        if (disk_.space_hook)
            disk_.space_hook();
        if (disk_.no_space)
            return std::unexpected(ENOSPC);
        return std::make_unique<cache::SpaceHold>();
    }
    void commit_later(std::uint64_t, std::uint64_t) override {}
    void note_use() override { disk_.call("use " + key_); }

    const std::shared_ptr<FakeDisk::Content> data;

private:
    FakeDisk& disk_;
    const std::string key_;
};

/// Notices when two are alive for the same thing.
class OneAtATime final {
public:
    OneAtATime(FakeDisk& disk, bool& busy, const std::string& what) : busy_(busy) {
        if (std::exchange(busy_, true))
            disk.offences.push_back("two calls at once: " + what);
    }
    ~OneAtATime() { busy_ = false; }
    OneAtATime(const OneAtATime&) = delete;
    OneAtATime& operator=(const OneAtATime&) = delete;

private:
    bool& busy_;
};

class FakeObject final : public cache::BackendObject {
public:
    FakeObject(FakeDisk& disk, std::pair<std::string, std::string> name,
               std::shared_ptr<FakeDisk::Content> content)
        : disk_(disk), name_(std::move(name)), content_(std::move(content)) {
        ++disk_.live_objects;
    }
    ~FakeObject() override {
        --disk_.live_objects;
        if (!content_->detached)
            disk_.offences.push_back("object let go of without detach");
    }
    FakeObject(const FakeObject&) = delete;
    FakeObject& operator=(const FakeObject&) = delete;

    [[nodiscard]] std::shared_ptr<cache::BackendFile> file() const override {
        return std::make_shared<FakeFile>(disk_, name_.second, content_);
    }
    void prepare_to_write() override {
        const OneAtATime guard(disk_, busy_, "prepare");
        disk_.call("prepare " + name_.second);
        disk_.files[name_].dirty = true;
    }
    [[nodiscard]] bool invalidate(const cache::Coherency& now) override {
        const OneAtATime guard(disk_, busy_, "invalidate");
        disk_.call("invalidate " + name_.second);
        if (disk_.no_invalidation)
            return false;
        content_->detached = true;
        content_ = std::make_shared<FakeDisk::Content>(now.object_size);
        disk_.files.erase(name_);
        return true;
    }
    void resize(std::uint64_t old_size, std::uint64_t new_size) override {
        const OneAtATime guard(disk_, busy_, "resize");
        disk_.call("resize " + name_.second + " " + std::to_string(old_size) + " " +
                   std::to_string(new_size));
        // Nothing is left of what is cut off, nor of what was not there.
        const std::uint64_t from = std::min(old_size, new_size) / cache::Content::block_size;
        const bool whole = std::min(old_size, new_size) % cache::Content::block_size == 0;
        const auto first =
            content_->blocks.lower_bound(new_size < old_size && !whole ? from + 1 : from);
        content_->blocks.erase(first, content_->blocks.end());
    }
    void detach(cache::Ending ending, const cache::Coherency& last) override {
        const OneAtATime guard(disk_, busy_, "detach");
        const bool commit = ending == cache::Ending::commit;
        disk_.call((commit ? "commit " : "retire ") + name_.second + " " + last.aux);
        if (std::exchange(content_->detached, true))
            disk_.offences.push_back("detached twice");
        if (commit) { // another session's file shares what is in it, and no more
            disk_.files[name_] = {last, std::make_shared<FakeDisk::Content>(last.object_size),
                                  false};
            FakeDisk::Content& kept = *disk_.files[name_].content;
            kept.version = content_->version;
            kept.blocks = content_->blocks;
            kept.map->load(0, content_->map->map(0));
        } else {
            disk_.files.erase(name_);
        }
    }

private:
    FakeDisk& disk_;
    const std::pair<std::string, std::string> name_;
    std::shared_ptr<FakeDisk::Content> content_;
    bool busy_ = false;
};

class FakeVolume final : public cache::BackendVolume {
public:
    FakeVolume(FakeDisk& disk, std::string key) : disk_(disk), key_(std::move(key)) {
        ++disk_.live_volumes;
    }
    ~FakeVolume() override { --disk_.live_volumes; }
    FakeVolume(const FakeVolume&) = delete;
    FakeVolume& operator=(const FakeVolume&) = delete;

    [[nodiscard]] cache::Lookup look_up(const cache::CookieIdentity& cookie,
                                        const cache::Coherency& wanted,
                                        const std::function<void()>& negative) override {
        using Result = cache::Lookup::Result;
        disk_.call("look_up " + cookie.key);
        if (detached_)
            disk_.offences.push_back("look_up in a detached volume");
        if (disk_.no_lookups)
            return {};
        const std::pair name{key_, cookie.key};
        const auto found = disk_.files.find(name);
        if (found != disk_.files.end() && found->second.coherency == wanted &&
            !found->second.dirty) {
            auto content = found->second.content;
            content->found = true;
            return {Result::found, std::make_unique<FakeObject>(disk_, name, std::move(content))};
        }
        negative();
        disk_.call("create " + cookie.key);
        if (disk_.no_creation)
            return {};
        return {Result::created,
                std::make_unique<FakeObject>(
                    disk_, name, std::make_shared<FakeDisk::Content>(wanted.object_size))};
    }

    void detach(const std::string& coherency) override {
        disk_.call("detach volume " + key_);
        if (std::exchange(detached_, true))
            disk_.offences.push_back("volume detached twice");
        disk_.volumes[key_] = coherency;
    }
    void discard() override {
        disk_.call("discard volume " + key_);
        if (std::exchange(detached_, true))
            disk_.offences.push_back("volume detached twice");
        disk_.volumes.erase(key_);
        std::erase_if(disk_.files, [this](const auto& file) { return file.first.first == key_; });
    }

private:
    FakeDisk& disk_;
    const std::string key_;
    bool detached_ = false;
};

class FakeBackend final : public cache::Backend {
public:
    explicit FakeBackend(FakeDisk& disk) : disk_(disk) {}

    [[nodiscard]] std::unique_ptr<cache::BackendVolume>
    attach_volume(const std::string& key, const std::string& coherency,
                  std::uint32_t owner) override {
        disk_.call("attach volume " + key);
        if (disk_.no_volumes)
            return nullptr;
        disk_.volumes[key] = coherency;
        disk_.owners[key] = owner;
        return std::make_unique<FakeVolume>(disk_, key);
    }
    void sync() override {
        disk_.call("sync");
        if (disk_.live_objects != 0 || disk_.live_volumes != 0)
            disk_.offences.push_back("sync before everything is detached");
    }

private:
    FakeDisk& disk_;
};

} // namespace cachefiles::tests
