// SPDX-License-Identifier: GPL-2.0-or-later
// The input is what is done to the device, one step after the other: a byte that says what, a byte
// with a length, and so many bytes. Model and store are real, on a directory of their own.
//
//   0 a command from the root of the cache   1 from cache/   2 from a fan-out directory
//   3 from nowhere   4 read into as many bytes   5 close, open   6 use an object   7 let go of it
#include "base/error.hpp"
#include "cache/driver/driver.hpp"
#include "cache/thread_executor.hpp"
#include "protocol/command.hpp"
#include "protocol/state_line.hpp"
#include "tests/fuzz/require.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <future>
#include <optional>
#include <string>

using namespace cachefiles;
using namespace cachefiles::cache;
namespace fs = std::filesystem;

namespace {

/// All that a command may answer.
constexpr std::array answers{0,      EINVAL, EOPNOTSUPP,   EIO,    EEXIST,  EBUSY,
                             ERANGE, ENOENT, ENAMETOOLONG, ESTALE, ENOTDIR, ENOBUFS};

fs::path make_directory() {
    std::string name = fs::temp_directory_path() / "fuzz-driver-XXXXXX";
    require(mkdtemp(name.data()) != nullptr);
    return name;
}

class Device final {
public:
    Device() { open(); }
    ~Device() {
        cache_.reset();
        volume_.reset();
        object_.reset();
        executor_.reset();
        fs::remove_all(root_);
    }
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    void step(unsigned what, std::string_view bytes) {
        switch (what % 8) {
        case 0:
            return give(bytes, root_);
        case 1:
            return give(bytes, root_ / "cache");
        case 2:
            return give(bytes, root_ / "cache/Ifuzz/@00");
        case 3:
            return give(bytes, {});
        case 4:
            return take(bytes.size());
        case 5:
            cache_.reset();
            return open();
        case 6:
            return use();
        default:
            return let_go();
        }
    }

private:
    void open() {
        auto opened = driver_.open([] {});
        require(opened.has_value());
        require(!driver_.open([] {}));
        cache_ = *std::move(opened);
        bound_ = false;
    }

    /// Absolute paths are those of a root directory that is the cache's; others must not lead out.
    void give(std::string_view bytes, const fs::path& directory) {
        const auto command = protocol::parse_command(bytes, protocol::DriverBuild::plain);
        if (command && command->verb == protocol::Verb::dir &&
            command->argument.find("..") != std::string::npos)
            return;
        driver::Caller caller;
        caller.root = Fd(::open(root_.c_str(), O_PATH | O_CLOEXEC));
        if (!directory.empty())
            caller.directory = Fd(::open(directory.c_str(), O_PATH | O_CLOEXEC));
        const int answer = cache_->command(bytes, caller);
        require(std::ranges::find(answers, answer) != answers.end());
        require(!cache_->dead());
        if (!command)
            require(answer == command.error());
        else if (command->verb == protocol::Verb::bind && answer == 0)
            bound_ = true;
    }

    void take(std::size_t size) {
        const std::expected<std::string, int> text = cache_->read(size);
        require(text || (text.error() == EMSGSIZE && bound_));
        require((cache_->poll() & POLLIN) == 0 || !bound_);
        if (text)
            require(bound_ ? protocol::parse_state_line(*text).has_value() : text->empty());
    }

    template<typename Value, typename Call>
    static std::expected<Value, std::errc> await(Call call) {
        std::promise<std::expected<Value, std::errc>> answer;
        call([&answer](std::expected<Value, std::errc> value) { answer.set_value(value); });
        return answer.get_future().get();
    }

    void use() {
        if (object_)
            return;
        if (!volume_)
            volume_ = await<VolumePtr>([this](auto done) {
                          model_.acquire_volume({"fuzz", {}, {}, 0}, std::move(done));
                      }).value();
        object_ = await<CookiePtr>([this](auto done) {
                      model_.acquire_cookie(volume_, {"object", {"a", 0}}, std::move(done));
                  }).value();
        require(model_.use(object_, false) == std::errc{});
        if (const auto operation = await<OperationPtr>(
                [this](auto done) { model_.begin_operation(object_, std::move(done)); }))
            model_.end_operation(*operation);
    }

    void let_go() {
        if (!object_)
            return;
        require(model_.unuse(object_, {}, {}) == std::errc{});
        require(model_.relinquish_cookie(object_, false) == std::errc{});
        object_.reset();
    }

    const fs::path root_ = make_directory();
    SystemClock clock_;
    NullLog log_;
    std::optional<ThreadExecutor> executor_{std::in_place, 1};
    Model model_{{*executor_, clock_, log_}};
    driver::Driver driver_{{model_, log_, clock_}};
    std::unique_ptr<driver::DriverCache> cache_;
    bool bound_ = false;
    VolumePtr volume_;
    CookiePtr object_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Device device;
    while (size >= 2) {
        const std::size_t length = std::min<std::size_t>(data[1], size - 2);
        device.step(data[0], as_text(data + 2, length));
        data += length + 2;
        size -= length + 2;
    }
    return 0;
}
