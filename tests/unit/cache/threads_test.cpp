// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/model.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::cache;

namespace {

/// Real threads; timers never fall due.
class Pool final : public Executor {
public:
    explicit Pool(std::size_t threads) {
        for (std::size_t i = 0; i < threads; ++i)
            threads_.emplace_back([this] { work(); });
    }
    ~Pool() override {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
    }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    void submit(Job job) override {
        {
            const std::lock_guard lock(mutex_);
            jobs_.push_back(std::move(job));
        }
        changed_.notify_all();
    }
    void submit_at(std::chrono::nanoseconds, Job) override {}

    /// Until nothing is queued or runs.
    void drain() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return jobs_.empty() && running_ == 0; });
    }

private:
    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
            if (jobs_.empty())
                return;
            Job job = std::move(jobs_.front());
            jobs_.pop_front();
            ++running_;
            lock.unlock();
            job();
            job = nullptr;
            lock.lock();
            --running_;
            changed_.notify_all();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    int running_ = 0;
    bool ending_ = false;
    std::vector<std::jthread> threads_;
};

class NoFile final : public BackendFile {
public:
    [[nodiscard]] int descriptor() const override { return -1; }
    [[nodiscard]] Content& content() override { return content_; }
    [[nodiscard]] std::expected<std::unique_ptr<SpaceHold>, int>
    hold_space(std::uint64_t) override {
        return std::make_unique<SpaceHold>();
    }
    void commit_later(std::uint64_t, std::uint64_t) override {}
    void note_use() override {}

private:
    Content content_{0};
};

/// Its members are plain on purpose: the model is what keeps threads apart.
class PlainObject final : public BackendObject {
public:
    [[nodiscard]] std::shared_ptr<BackendFile> file() const override { return file_; }
    void prepare_to_write() override { ++calls_; }
    [[nodiscard]] bool invalidate(const Coherency&) override {
        file_ = std::make_shared<NoFile>();
        return ++calls_ % 5 != 0;
    }
    void resize(std::uint64_t, std::uint64_t) override { ++calls_; }
    void detach(Ending, const Coherency&) override { ++calls_; }

private:
    std::shared_ptr<BackendFile> file_ = std::make_shared<NoFile>();
    int calls_ = 0;
};

class PlainVolume final : public BackendVolume {
public:
    [[nodiscard]] Lookup look_up(const CookieIdentity& cookie, const Coherency&,
                                 const std::function<void()>& negative) override {
        if (cookie.hash % 2 == 0)
            negative();
        return {cookie.hash % 2 == 0 ? Lookup::Result::created : Lookup::Result::found,
                std::make_unique<PlainObject>()};
    }
    void detach(const std::string&) override {}
    void discard() override {}
};

class PlainBackend final : public Backend {
public:
    [[nodiscard]] std::unique_ptr<BackendVolume>
    attach_volume(const std::string&, const std::string&, std::uint32_t) override {
        return std::make_unique<PlainVolume>();
    }
    void sync() override {}
};

/// A client with a cookie of its own, which it uses until it has done its share.
void live(Model& model, const VolumePtr& volume, std::string key, unsigned seed) {
    std::mt19937 random(seed);
    std::promise<CookiePtr> promise;
    model.acquire_cookie(volume, {key, {"a", 1}},
                         [&promise](auto result) { promise.set_value(*result); });
    const CookiePtr cookie = promise.get_future().get();
    for (int i = 0; i < 500; ++i) {
        CHECK(model.use(cookie, random() % 2 == 0) == std::errc{});
        model.begin_operation(cookie, [&model](auto result) {
            if (!result)
                return;
            const OperationPtr operation = *result;
            model.wait(operation, Want::write, [&model, operation](bool) {
                model.note_write(operation, model.file(operation) != nullptr);
                model.end_operation(operation);
            });
        });
        if (random() % 4 == 0)
            model.invalidate(cookie, "b", 2, false);
        if (random() % 4 == 0)
            model.resize(cookie, 3, [](bool) {});
        CHECK(model.unuse(cookie, "c", 4) == std::errc{});
    }
    CHECK(model.relinquish_cookie(cookie, random() % 2 == 0) == std::errc{});
}

} // namespace

TEST_SUITE_BEGIN("cache::Model threads");

TEST_CASE("clients, workers and withdrawals in threads of their own") {
    SystemClock clock;
    NullLog log;
    std::unique_ptr<Model> model;
    {
        Pool pool(3);
        model = std::make_unique<Model>(Model::Options{pool, clock, log});
        std::promise<VolumePtr> promise;
        model->acquire_volume({"v", {}, {}},
                              [&promise](auto result) { promise.set_value(*result); });
        VolumePtr volume = promise.get_future().get();
        std::atomic<int> living = 4;
        {
            std::vector<std::jthread> clients;
            for (unsigned i = 0; i < 4; ++i) {
                clients.emplace_back([&, i] {
                    for (unsigned life = 0; life < 4;
                         ++life) // of the same key: it waits for the last
                        live(*model, volume, "k" + std::to_string(i), i * 4 + life);
                    --living;
                });
            }
            while (living != 0) {
                const CachePtr cache = model->prepare_cache("cache").value();
                model->activate_cache(cache, std::make_shared<PlainBackend>());
                (void)model->cookies();
                (void)model->counters();
                std::promise<void> withdrawn;
                CHECK(model->withdraw_cache(cache, [&withdrawn] { withdrawn.set_value(); }));
                withdrawn.get_future().get();
            }
        }
        pool.drain();
        CHECK(model->cookies().empty());
        CHECK(model->relinquish_volume(volume, {}, false) == std::errc{});
        pool.drain();
        CHECK(model->volumes().empty());
        CHECK(model->caches().empty());
        CHECK(model->counters().drops == 16);
    }
}

TEST_SUITE_END();
