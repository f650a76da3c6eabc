// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/draft.hpp"
#include "daemon/config/legacy_source.hpp"
#include "daemon/config/load.hpp"
#include "daemon/config/yaml_source.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <fstream>
#include <string>
#include <vector>

namespace cachefiles::tests {

/// Diagnostics as they are printed, one string each.
inline std::vector<std::string> texts(const daemon::Diagnostics& diagnostics) {
    std::vector<std::string> result;
    for (const daemon::Diagnostic& diagnostic : diagnostics)
        result.push_back(diagnostic.to_string());
    return result;
}

/// One after the other, for comparison with a text.
inline std::string joined(const daemon::Diagnostics& diagnostics) {
    std::string result;
    for (const std::string& text : texts(diagnostics))
        result += text + '\n';
    return result;
}

/// A draft of one file "f".
inline daemon::Draft drafted(const daemon::SourceText& source) {
    daemon::Draft draft;
    draft.apply(source);
    draft.finish();
    return draft;
}
inline daemon::Draft yaml(std::string_view text) {
    return drafted(daemon::read_yaml(text, "f"));
}
inline daemon::Draft legacy(std::string_view text) {
    return drafted(daemon::read_legacy(text, "f"));
}
inline std::string yaml_errors(std::string_view text) {
    return joined(yaml(text).errors());
}
inline std::string legacy_errors(std::string_view text) {
    return joined(legacy(text).errors());
}

/// An /etc of the test's own.
class ConfigFiles final {
public:
    ConfigFiles() { request.etc = directory_.path(); }

    std::filesystem::path write(const std::filesystem::path& name, std::string_view text) {
        const std::filesystem::path path = directory_.path() / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    [[nodiscard]] std::filesystem::path path(const std::filesystem::path& name) const {
        return directory_.path() / name;
    }

    /// The errors of load(), without the directory of the test in them.
    [[nodiscard]] std::string errors() const {
        const std::expected<daemon::LoadedConfig, daemon::Diagnostics> loaded =
            daemon::load(request);
        return loaded ? "" : relative(joined(loaded.error()));
    }
    [[nodiscard]] std::string relative(std::string text) const {
        const std::string prefix = directory_.path().string() + "/";
        for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
            text.erase(at, prefix.size());
        return text;
    }

    daemon::LoadRequest request;

private:
    TemporaryDirectory directory_;
};

} // namespace cachefiles::tests
