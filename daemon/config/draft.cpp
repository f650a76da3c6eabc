// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config/draft.hpp"

#include "daemon/config/schema.hpp"
#include "daemon/config/suggestion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <vector>

namespace cachefiles::daemon {
namespace {

/// What the entry is called in its own file.
const std::string& shown(const Entry& entry) {
    return entry.origin.name.empty() ? entry.path : entry.origin.name;
}

std::string_view kind_name(Entry::Kind kind) {
    return kind == Entry::Kind::list ? "a list" : "a mapping";
}

/// The key that was meant by `path`: a neighbour, one of the same name in another section, one
/// with nearly that path, or what stock calls by that name.
std::optional<std::string> meant_key(const std::string& path) {
    const std::size_t dot = path.find('.');
    const std::string_view section = std::string_view(path).substr(0, dot);
    const std::string_view name =
        std::string_view(path).substr(dot == std::string::npos ? 0 : dot + 1);
    std::vector<std::string_view> neighbours;
    std::vector<std::string_view> paths;
    for (const Key& key : keys()) {
        if (key.section() == section)
            neighbours.push_back(key.name());
        paths.push_back(key.path);
    }
    if (dot == std::string::npos) {
        for (const Key& key : keys())
            neighbours.push_back(key.section());
        neighbours.push_back("volumes");
    }
    if (const auto near = suggestion(name, neighbours))
        return dot == std::string::npos ? std::string(*near) : fmt::format("{}.{}", section, *near);
    for (const Key& key : keys()) {
        if (key.name() == name)
            return std::string(key.path);
    }
    constexpr std::pair<std::string_view, std::string_view> stock[]{
        {"dir", "cache.directory"},
        {"secctx", "cache.security-context"},
        {"debug", "cache.kernel-debug"},
        {"nocull", "culling.enabled"},
    };
    for (const auto& [old_name, key] : stock) {
        if (old_name == name)
            return std::string(key);
    }
    const auto near = suggestion(path, paths);
    return near ? std::optional<std::string>(*near) : std::nullopt;
}

std::string unknown_key(const std::string& path, const std::optional<std::string>& meant) {
    return fmt::format("{}: unknown key{}", path,
                       meant ? fmt::format("; did you mean {}?", *meant) : "");
}

} // namespace

/// Takes the entries of one file, in their order.
class DraftReader final {
public:
    explicit DraftReader(Draft& draft) : draft_(draft) {}

    void take(const Entry& entry) {
        if (!skipped_.empty() && entry.path.starts_with(skipped_) &&
            (entry.path[skipped_.size()] == '.' || entry.path[skipped_.size()] == '['))
            return; // below something that was refused as a whole
        skipped_.clear();
        if (entry.path == "volumes")
            take_volumes(entry);
        else if (entry.path.starts_with("volumes["))
            take_in_volumes(entry);
        else if (const Key* key = find_key(entry.path))
            take_value(entry, *key);
        else if (is_section(entry.path))
            take_section(entry);
        else
            refuse(entry, entry.key, unknown_key(entry.path, meant_key(entry.path)));
    }

    /// Puts the rules of this file before those of the earlier ones.
    void finish() {
        for (std::size_t i = 0; i < rules_.size(); ++i)
            check_rule(i);
        std::vector<cull::VolumeRule>& rules = draft_.config_.limits.volumes;
        std::vector<OriginMap>& origins = draft_.origins_.volumes;
        if (drop_earlier_) {
            rules.clear();
            origins.clear();
        }
        rules.insert(rules.begin(), rules_.begin(), rules_.end());
        origins.insert(origins.begin(), std::make_move_iterator(rule_origins_.begin()),
                       std::make_move_iterator(rule_origins_.end()));
    }

private:
    void report(const std::string& source, Position at, std::string text) {
        draft_.errors_.push_back({source, at, std::move(text)});
    }

    /// Refuses an entry and what is in it.
    void refuse(const Entry& entry, Position at, std::string text) {
        report(entry.origin.source, at, std::move(text));
        draft_.refused_.insert(entry.path);
        refused_here_.insert(entry.path);
        skipped_ = entry.path;
    }

    void take_section(const Entry& entry) {
        if (entry.kind == Entry::Kind::scalar)
            refuse(entry, entry.origin.at,
                   fmt::format("{}: {}: must be a mapping", entry.path, printable(entry.text)));
        else if (entry.kind == Entry::Kind::list)
            refuse(entry, entry.origin.at,
                   fmt::format("{}: must be a mapping, not a list", entry.path));
    }

    /// Whether the entry is one value; reports it if not.
    bool is_value(const Entry& entry, std::string_view grammar, bool optional) {
        if (entry.kind == Entry::Kind::scalar)
            return true;
        if (entry.kind == Entry::Kind::null)
            refuse(entry, entry.origin.at,
                   fmt::format("{}: has no value; give {}{}", shown(entry), grammar,
                               optional ? " or none" : ""));
        else
            refuse(
                entry, entry.origin.at,
                fmt::format("{}: must be one value, not {}", shown(entry), kind_name(entry.kind)));
        return false;
    }

    void take_value(const Entry& entry, const Key& key) {
        if (!is_value(entry, key.grammar, key.optional))
            return;
        if (const std::optional<std::string> rule = key.set(draft_.config_, entry.text))
            return refuse(entry, entry.origin.at,
                          fmt::format("{}: {}: {}", shown(entry), printable(entry.text), *rule));
        draft_.origins_.values.insert_or_assign(entry.path, entry.origin);
        draft_.refused_.erase(entry.path); // a later file has put it right; the error stays
    }

    void take_volumes(const Entry& entry) {
        if (entry.kind == Entry::Kind::list)
            drop_earlier_ = true; // until an item comes
        else if (entry.kind != Entry::Kind::null)
            refuse(entry, entry.origin.at, "volumes: must be a list of rules (`- match: ...`)");
    }

    void take_in_volumes(const Entry& entry) {
        const std::size_t close = entry.path.find(']');
        if (close + 1 == entry.path.size())
            return take_rule(entry);
        const std::string name = entry.path.substr(close + 2); // behind "]."
        const VolumeKey* const key = find_volume_key(name);
        if (key == nullptr) {
            std::vector<std::string_view> names;
            for (const VolumeKey& known : volume_keys())
                names.push_back(known.name);
            const std::optional<std::string_view> near = suggestion(name, names);
            return refuse(
                entry, entry.key,
                unknown_key(entry.path, near ? std::optional<std::string>(*near) : std::nullopt));
        }
        if (!is_value(entry, key->grammar, key->optional))
            return;
        if (const std::optional<std::string> rule = key->set(rules_.back(), entry.text))
            return refuse(entry, entry.origin.at,
                          fmt::format("{}: {}: {}", entry.path, printable(entry.text), *rule));
        rule_origins_.back().insert_or_assign(name, entry.origin);
    }

    void take_rule(const Entry& entry) {
        drop_earlier_ = false;
        if (entry.kind != Entry::Kind::mapping)
            return refuse(entry, entry.origin.at,
                          fmt::format("{}: must be a rule (`match: ...`)", entry.path));
        rules_.emplace_back();
        rule_origins_.emplace_back();
        rule_entries_.push_back(&entry);
    }

    void check_rule(std::size_t i) {
        const Entry& entry = *rule_entries_[i];
        if (rules_[i].match.empty()) {
            if (!refused_here_.contains(entry.path + ".match"))
                report(entry.origin.source, entry.origin.at,
                       fmt::format("{}: has no match", entry.path));
            return;
        }
        if (!rules_[i].pin)
            return;
        for (const VolumeKey& key : volume_keys()) {
            const auto origin = rule_origins_[i].find(key.name);
            if (!key.optional || origin == rule_origins_[i].end() || key.get(rules_[i]) == "none")
                continue;
            report(origin->second.source, origin->second.at,
                   fmt::format("{}.{}: {}: a pinned volume is never culled", entry.path, key.name,
                               key.get(rules_[i])));
        }
    }

    Draft& draft_;
    std::string skipped_; ///< path of what was refused as a whole
    RefusedKeys refused_here_;
    bool drop_earlier_ = false;
    std::vector<cull::VolumeRule> rules_;
    std::vector<OriginMap> rule_origins_;
    std::vector<const Entry*> rule_entries_;
};

void Draft::apply(const SourceText& source) {
    errors_.insert(errors_.end(), source.errors.begin(), source.errors.end());
    if (!source.complete) { // what comes before the error may have been misread because of it
        complete_ = false;
        return;
    }
    const auto first = static_cast<std::ptrdiff_t>(errors_.size() - source.errors.size());
    DraftReader reader(*this);
    for (const Entry& entry : source.entries)
        reader.take(entry);
    reader.finish();
    std::sort(errors_.begin() + first, errors_.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.at, a.text) < std::tie(b.at, b.text);
    });
}

void Draft::set(std::string_view path, std::string_view text, const Origin& origin) {
    const Key* const key = find_key(path);
    if (key == nullptr)
        return;
    if (const std::optional<std::string> rule = key->set(config_, text)) {
        add_error({origin.source, {}, fmt::format("{}: {}: {}", path, printable(text), *rule)});
        refused_.emplace(path);
        return;
    }
    origins_.values.insert_or_assign(std::string(path), origin);
}

void Draft::finish() {
    if (!complete_) // what the rest of the file says is not known
        return;
    Diagnostics found = validate(config_, origins_, refused_);
    errors_.insert(errors_.end(), std::make_move_iterator(found.begin()),
                   std::make_move_iterator(found.end()));
}

} // namespace cachefiles::daemon
