// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/validation.hpp"

#include "daemon/config/schema.hpp"
#include "daemon/config/values.hpp"

#include <fmt/format.h>

#include <sys/un.h>

#include <algorithm>

namespace cachefiles::daemon {
namespace {

class Validator final {
public:
    Validator(const Config& config, const Origins& origins, const RefusedKeys& refused)
        : config_(config), origins_(origins), refused_(refused) {}

    Diagnostics run() {
        const cull::Watermarks& marks = config_.limits.watermarks;
        check_less("limits.bstop", marks.blocks.stop, "limits.bcull", marks.blocks.cull);
        check_less("limits.bcull", marks.blocks.cull, "limits.brun", marks.blocks.run);
        check_less("limits.fstop", marks.files.stop, "limits.fcull", marks.files.cull);
        check_less("limits.fcull", marks.files.cull, "limits.frun", marks.files.run);
        check_ages();
        check_index_directory();
        check_socket();
        check_textfile();
        return std::move(errors_);
    }

private:
    [[nodiscard]] bool usable(std::string_view path) const { return !refused_.contains(path); }

    /// The key as its own file calls it.
    [[nodiscard]] std::string shown(std::string_view path) const {
        const std::string& name = origins_.of(path).name;
        return name.empty() ? std::string(path) : name;
    }

    [[nodiscard]] std::string value(std::string_view path) const {
        return find_key(path)->get(config_);
    }

    /// "limits.brun (7%, default)"
    [[nodiscard]] std::string with_value(std::string_view path) const {
        return fmt::format("{} ({}{})", shown(path), printable(value(path)),
                           origins_.of(path).is_default() ? ", default" : "");
    }

    void report(std::string_view path, const std::string& rule) {
        const Origin& origin = origins_.of(path);
        errors_.push_back({origin.is_default() ? "" : origin.source, origin.at,
                           fmt::format("{}: {}: {}", shown(path), printable(value(path)), rule)});
    }

    template<class Value>
    void check_less(std::string_view low, Value low_value, std::string_view high,
                    Value high_value) {
        if (low_value < high_value || !usable(low) || !usable(high))
            return;
        if (origins_.of(low).is_default())
            report(high, "must be more than " + with_value(low));
        else
            report(low, "must be less than " + with_value(high));
    }

    void check_ages() {
        const cull::Limits& limits = config_.limits;
        if (limits.max_age)
            check_less("limits.min-age", limits.min_age, "limits.max-age", *limits.max_age);
        if (!usable("limits.min-age"))
            return;
        for (std::size_t i = 0; i < limits.volumes.size(); ++i) {
            const std::optional<Seconds>& max_age = limits.volumes[i].max_age;
            if (!max_age || *max_age > limits.min_age)
                continue;
            const Origin& origin = origins_.volumes[i].find("max-age")->second;
            errors_.push_back(
                {origin.source, origin.at,
                 fmt::format("volumes[{}].max-age: {}: must be more than {}", i,
                             values::format_time(*max_age), with_value("limits.min-age"))});
        }
    }

    /// By name only; that links lead elsewhere is seen when the directories are opened.
    void check_index_directory() {
        const auto parts = [](const std::filesystem::path& path) {
            std::filesystem::path normal = path.lexically_normal();
            return normal.has_filename() ? normal : normal.parent_path(); // without a last slash
        };
        const std::filesystem::path cache = parts(config_.cache.directory);
        const std::filesystem::path index = parts(config_.index.directory);
        if (!usable("cache.directory") || !usable("index.directory"))
            return;
        const auto [rest, unused] =
            std::mismatch(cache.begin(), cache.end(), index.begin(), index.end());
        if (rest != cache.end())
            return;
        if (origins_.of("index.directory").is_default())
            report("cache.directory", "must not hold " + with_value("index.directory"));
        else
            report("index.directory", "must not be inside " + with_value("cache.directory"));
    }

    void check_socket() {
        constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
        if (usable("user.socket") && config_.user.socket.native().size() > longest)
            report("user.socket", fmt::format("must not be longer than {} bytes", longest));
    }

    /// The collector passes over every other name, and says nothing.
    void check_textfile() {
        const std::optional<std::filesystem::path>& file = config_.metrics.textfile;
        if (usable("metrics.textfile") && file && file->extension() != ".prom")
            report("metrics.textfile", "must have a name that ends in .prom");
    }

    const Config& config_;
    const Origins& origins_;
    const RefusedKeys& refused_;
    Diagnostics errors_;
};

} // namespace

Diagnostics validate(const Config& config, const Origins& origins, const RefusedKeys& refused) {
    return Validator(config, origins, refused).run();
}

} // namespace cachefiles::daemon
