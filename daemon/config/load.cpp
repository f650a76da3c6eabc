// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/load.hpp"

#include "base/error.hpp"
#include "daemon/config/draft.hpp"
#include "daemon/config/legacy_source.hpp"
#include "daemon/config/text_file.hpp"
#include "daemon/config/yaml_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace cachefiles::daemon {
namespace {

namespace fs = std::filesystem;

bool is_yaml(const fs::path& path) {
    return path.extension() == ".yaml" || path.extension() == ".yml";
}

/// Whether there is something of that name, were it only a broken link or a file that cannot be
/// read: that is to be reported, not passed over.
bool is_there(const fs::path& path) {
    std::error_code ignored;
    const fs::file_status status = fs::symlink_status(path, ignored);
    return status.type() != fs::file_type::not_found;
}

/// Nobody reads more, and a large file of another kind may break a rule in each line.
constexpr std::size_t most_errors = 100;

Diagnostics some_of(Diagnostics errors) {
    if (errors.size() > most_errors) {
        const std::size_t others = errors.size() - most_errors;
        errors.resize(most_errors);
        errors.push_back({"", {}, fmt::format("and {} more errors", others)});
    }
    return errors;
}

class Loader final {
public:
    explicit Loader(const LoadRequest& request) : request_(request) {}

    std::expected<LoadedConfig, Diagnostics> run() {
        if (request_.state_directory)
            take_state_directory(*request_.state_directory);
        if (request_.runtime_directory)
            take_runtime_directory(*request_.runtime_directory);
        if (request_.file)
            take_given(*request_.file);
        else
            take_usual();
        if (request_.no_culling)
            draft_.set("culling.enabled", "false", {"option -N", {}, {}});
        if (request_.debug > 0)
            draft_.set("daemon.log-level", "debug", {"option -d", {}, {}});
        draft_.finish();
        if (!draft_.errors().empty())
            return std::unexpected(some_of(draft_.errors()));
        result_.config = draft_.config();
        result_.origins = draft_.origins();
        return std::move(result_);
    }

private:
    void take_state_directory(const std::string& list) {
        const std::string first = list.substr(0, list.find(':'));
        if (!first.empty())
            draft_.set("index.directory", first, {"environment STATE_DIRECTORY", {}, {}});
    }

    void take_runtime_directory(const std::string& list) {
        const std::string first = list.substr(0, list.find(':'));
        if (!first.empty())
            draft_.set("user.socket", first + "/netfs", {"environment RUNTIME_DIRECTORY", {}, {}});
    }

    void take_given(const fs::path& file) {
        take_file(file);
        if (const std::optional<fs::path> drop_ins = drop_in_directory(request_))
            take_drop_ins(*drop_ins);
    }

    void take_usual() {
        const fs::path yaml = request_.etc / "cachefilesd.yaml";
        const fs::path stock = request_.etc / "cachefilesd.conf";
        if (is_there(yaml)) {
            take_file(yaml);
            if (is_there(stock))
                result_.notices.push_back(
                    {stock.string(), {}, fmt::format("is not read; {} counts", yaml.string())});
        } else if (is_there(stock)) {
            take_file(stock);
        }
        take_drop_ins(*drop_in_directory(request_));
    }

    void take_file(const fs::path& path) {
        const std::expected<std::string, Diagnostic> text = read_text_file(path);
        if (!text)
            return draft_.add_error(text.error());
        SourceText source =
            is_yaml(path) ? read_yaml(*text, path.string()) : read_legacy(*text, path.string());
        draft_.apply(source);
        std::ranges::move(source.notices, std::back_inserter(result_.notices));
        result_.files.push_back(path);
    }

    void take_drop_ins(const fs::path& directory) {
        if (!is_there(directory))
            return;
        std::vector<fs::path> found;
        std::error_code error;
        fs::directory_iterator entry(directory, error);
        for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
            const fs::path& path = entry->path();
            if (is_yaml(path) && !path.filename().string().starts_with('.'))
                found.push_back(path);
        }
        if (error)
            draft_.add_error(
                {directory.string(), {}, "cannot be read: " + errno_text(error.value())});
        std::ranges::sort(found);
        for (const fs::path& path : found)
            take_file(path);
    }

    const LoadRequest& request_;
    Draft draft_;
    LoadedConfig result_;
};

} // namespace

LoadRequest LoadRequest::from(const Options& options) {
    LoadRequest request;
    request.file = options.config_file;
    if (request.file && options.action == Options::Action::run)
        request.file = fs::absolute(*request.file); // to be found again after a chdir
    request.no_culling = options.no_culling;
    request.debug = options.debug;
    if (const char* const state = std::getenv("STATE_DIRECTORY"))
        request.state_directory = state;
    if (const char* const runtime = std::getenv("RUNTIME_DIRECTORY"))
        request.runtime_directory = runtime;
    return request;
}

std::expected<LoadedConfig, Diagnostics> load(const LoadRequest& request) {
    return Loader(request).run();
}

std::optional<std::filesystem::path> drop_in_directory(const LoadRequest& request) {
    if (request.file && !is_yaml(*request.file))
        return std::nullopt;
    return fs::path(request.file.value_or(request.etc / "cachefilesd.yaml")) += ".d";
}

} // namespace cachefiles::daemon
