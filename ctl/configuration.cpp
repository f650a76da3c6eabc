// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/configuration.hpp"

#include "base/bytes_text.hpp"
#include "ctl/text/visible.hpp"
#include "daemon/config/schema.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace cachefiles::ctl {
namespace {

/// The keywords of cachefilesd.conf(5) that have an effect.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> stock_keywords{{
    {"cache.directory", "dir"},
    {"cache.tag", "tag"},
    {"cache.security-context", "secctx"},
    {"cache.kernel-debug", "debug"},
    {"limits.brun", "brun"},
    {"limits.bcull", "bcull"},
    {"limits.bstop", "bstop"},
    {"limits.frun", "frun"},
    {"limits.fcull", "fcull"},
    {"limits.fstop", "fstop"},
}};

std::string_view stock_keyword(std::string_view path) {
    for (const auto& [key, keyword] : stock_keywords) {
        if (key == path)
            return keyword;
    }
    return {};
}

std::string text_of(const std::string& value) {
    return bytes_text(value); // a path may be any bytes
}

} // namespace

std::expected<daemon::LoadedConfig, daemon::Diagnostics>
load_configuration(const std::filesystem::path& root, const std::string& file) {
    daemon::LoadRequest request;
    if (!file.empty())
        request.file = file;
    request.etc = root / "etc";
    return daemon::load(request);
}

Json to_json(const daemon::Diagnostics& diagnostics) {
    Json result = Json::array();
    for (const daemon::Diagnostic& each : diagnostics)
        result.push_back(Json{{"file", text_of(each.source)},
                              {"line", each.at.line},
                              {"column", each.at.column},
                              {"text", text_of(each.text)}});
    return result;
}

Json to_json(const daemon::LoadedConfig& loaded) {
    Json result = Json::object();
    for (const daemon::Key& key : daemon::keys())
        result[std::string(key.section())][std::string(key.name())] =
            Json{{"value", text_of(key.get(loaded.config))},
                 {"origin", text_of(loaded.origins.of(key.path).text())}};
    result["volumes"] = Json::array();
    for (const cull::VolumeRule& rule : loaded.config.limits.volumes) {
        Json each = Json::object();
        for (const daemon::VolumeKey& key : daemon::volume_keys())
            each[std::string(key.name)] = text_of(key.get(rule));
        result["volumes"].push_back(std::move(each));
    }
    return result;
}

std::string in_stock_format(const daemon::LoadedConfig& loaded) {
    std::string text;
    for (const daemon::Key& key : daemon::keys()) {
        if (loaded.origins.of(key.path).is_default())
            continue;
        const std::string value = key.get(loaded.config);
        if (key.path == "culling.enabled")
            text += value == "false" ? "nocull\n" : "";
        else if (const std::string_view keyword = stock_keyword(key.path); !keyword.empty())
            text += fmt::format("{} {}\n", keyword, value);
        else
            text += fmt::format("# {}: {} has no counterpart here\n", key.path, visible(value));
    }
    for (const cull::VolumeRule& rule : loaded.config.limits.volumes)
        text += fmt::format("# volumes: the rule for {} has no counterpart here\n",
                            visible(rule.match));
    return text;
}

} // namespace cachefiles::ctl
