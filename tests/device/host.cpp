// SPDX-License-Identifier: GPL-2.0-or-later
// A model, a store and the device as a file, and nothing else of the daemon:
//
//   device_host fill DIRECTORY COUNT BYTES    puts objects 0 to COUNT - 1 into a cache
//   device_host serve RUNTIME COUNT BYTES     serves RUNTIME/dev/cachefiles until stdin ends; as
//                                             soon as a cache is bound it uses that many objects
//
// What happens is told on stdout, a line each: "serving", "bound", "culled PATH", "withdrawn".
#include "cache/driver/driver.hpp"
#include "cache/thread_executor.hpp"
#include "daemon/user/device_file.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdio>
#include <exception>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::cache;

namespace {

class StderrLog final : public Log {
public:
    void write(Severity, std::string_view, std::string_view text,
               std::initializer_list<LogField>) override {
        fmt::print(stderr, "{}\n", text);
    }
};

void tell(const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
}

/// A network file system of a kind: one volume, objects of one size, named by their number.
class Files final {
public:
    Files(Model& model, std::uint64_t size) : model_(model), size_(size) {}

    /// `fill`: with data.
    void use(int number, bool fill) {
        if (!volume_)
            volume_ = await<VolumePtr>([this](auto done) {
                model_.acquire_volume({"stock,test", {}, {}, 0}, std::move(done));
            });
        const CookiePtr cookie = await<CookiePtr>([&](auto done) {
            model_.acquire_cookie(volume_, {fmt::format("object{:05}", number), {"aux", size_}},
                                  std::move(done));
        });
        check(model_.use(cookie, false));
        cookies_.push_back(cookie);
        look_up(cookie, fill);
    }

    void relinquish() {
        for (const CookiePtr& cookie : cookies_) {
            check(model_.unuse(cookie, {}, {}));
            check(model_.relinquish_cookie(cookie, false));
        }
        cookies_.clear();
    }

private:
    template<typename Value, typename Call>
    static Value await(Call call) {
        std::promise<std::expected<Value, std::errc>> answer;
        call([&answer](std::expected<Value, std::errc> value) { answer.set_value(value); });
        return answer.get_future().get().value();
    }

    static void check(std::errc error) {
        if (error != std::errc{})
            throw std::runtime_error("the model refuses");
    }

    void look_up(const CookiePtr& cookie, bool fill) {
        const OperationPtr operation = await<OperationPtr>(
            [&](auto done) { model_.begin_operation(cookie, std::move(done)); });
        std::promise<bool> ready;
        model_.wait(operation, Want::read, [&ready](bool answer) { ready.set_value(answer); });
        if (!ready.get_future().get())
            throw std::runtime_error("an object is not cached");
        const std::string data(fill ? size_ : 0, 'x');
        const int file = model_.file(operation)->descriptor();
        if (pwrite(file, data.data(), data.size(), 0) != static_cast<ssize_t>(data.size()))
            throw std::runtime_error("cannot write an object");
        model_.end_operation(operation);
    }

    Model& model_;
    const std::uint64_t size_;
    VolumePtr volume_;
    std::vector<CookiePtr> cookies_;
};

void fill(driver::Driver& driver, Files& files, const std::string& directory, int count) {
    const std::unique_ptr<driver::DriverCache> cache = driver.open({}).value();
    for (const std::string& command : {"dir " + directory, std::string("bind")}) {
        if (const int error = cache->command(command, {}))
            throw std::runtime_error(fmt::format("{}: errno {}", command, error));
    }
    for (int number = 0; number < count; ++number)
        files.use(number, true);
    files.relinquish();
}

void serve(driver::Driver& driver, const std::string& runtime) {
    const daemon::user::DeviceFile file({driver, runtime + "/dev"});
    tell("serving");
    while (std::getchar() != EOF) {
    }
}

void run(const std::string& what, const std::string& directory, int count, std::uint64_t size) {
    const SystemClock clock;
    StderrLog log;
    std::optional<ThreadExecutor> executor(std::in_place);
    Model model({*executor, clock, log});
    {
        Files files(model, size);
        driver::Driver::Options options{model, log, clock};
        if (what == "serve")
            options.on_bound = [&](const auto&) {
                for (int number = 0; number < count; ++number)
                    files.use(number, false);
                tell("bound");
            };
        options.on_withdrawn = [] {
            tell("withdrawn");
        };
        options.on_culled = [](const std::string& path) {
            tell("culled " + path);
        };
        driver::Driver driver(std::move(options));
        if (what == "serve")
            serve(driver, directory);
        else
            fill(driver, files, directory, count);
    }
    executor.reset(); // before the model
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        fmt::print(stderr, "usage: device_host fill|serve DIRECTORY COUNT BYTES\n");
        return 64;
    }
    try {
        run(argv[1], argv[2], std::stoi(argv[3]), std::stoull(argv[4]));
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "device_host: {}\n", error.what());
        return 1;
    }
}
