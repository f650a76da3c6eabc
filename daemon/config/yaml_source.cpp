// SPDX-License-Identifier: GPL-2.0-or-later
// The only file that knows yaml-cpp. It takes the parser's events rather than YAML::Node: nodes
// accept duplicate keys and further documents silently, and their aliases may multiply.
#include "daemon/config/yaml_source.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

namespace cachefiles::daemon {
namespace {

constexpr std::size_t deepest = 8; // the schema needs 3

Position position(const YAML::Mark& mark) {
    if (mark.is_null())
        return {};
    return {static_cast<unsigned>(mark.line) + 1, static_cast<unsigned>(mark.column) + 1};
}

bool is_word(std::string_view key) {
    constexpr auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    };
    return !key.empty() && std::ranges::all_of(key, fits);
}

/// Turns events into entries.
class Reader final : public YAML::EventHandler {
public:
    Reader(SourceText& result, const std::string& file) : result_(result), file_(file) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (documents_++ > 0)
            throw YAML::ParserException(mark, "a second document, or text behind the first one");
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
        if (key_expected())
            take_key(mark, "");
        else
            take_scalar(Entry::Kind::null, mark, {});
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        report(position(mark), "aliases (*) are not supported");
        if (key_expected())
            take_key(mark, std::nullopt);
        else
            end_value();
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  const std::string& value) override {
        check_tag(mark, tag);
        if (key_expected())
            take_key(mark, value);
        else
            take_scalar(Entry::Kind::scalar, mark, value);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {
        begin(Entry::Kind::list, mark, tag);
    }
    void OnSequenceEnd() override { end(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {
        begin(Entry::Kind::mapping, mark, tag);
    }
    void OnMapEnd() override { end(); }

private:
    /// A mapping or list that is not complete yet.
    struct Frame {
        enum class Role { mapping, list, muted };
        Role role = Role::muted;
        bool is_key = false; ///< it stands where a key should
        std::string path;
        std::size_t index = 0;    ///< list: of the next item
        bool key_expected = true; ///< mapping
        bool key_good = false;
        std::string key;
        Position key_at;
        std::map<std::string, Position, std::less<>> seen;
    };

    [[nodiscard]] bool key_expected() const {
        return !frames_.empty() && frames_.back().role == Frame::Role::mapping &&
               frames_.back().key_expected;
    }

    /// Whether the next value is in a part that is not looked at.
    [[nodiscard]] bool muted() const {
        if (frames_.empty())
            return false;
        const Frame& top = frames_.back();
        return top.role == Frame::Role::muted ||
               (top.role == Frame::Role::mapping && !top.key_good);
    }

    void report(Position at, std::string text) {
        result_.errors.push_back({file_, at, std::move(text)});
    }

    void check_tag(const YAML::Mark& mark, const std::string& tag) {
        // "?" and "!" are what the parser itself gives to plain and to quoted nodes
        if (!tag.empty() && tag != "?" && tag != "!" && !muted())
            report(position(mark), "tags (!) are not supported");
    }

    /// Nothing for a key that has been reported already.
    void take_key(const YAML::Mark& mark, const std::optional<std::string>& key) {
        Frame& top = frames_.back();
        top.key_expected = false;
        top.key_good = false;
        if (!key)
            return;
        const Position at = position(mark);
        const std::string path = top.path.empty() ? *key : top.path + "." + *key;
        if (*key == "<<")
            return report(at, "merge keys (<<) are not supported");
        if (!is_word(*key))
            return report(at, fmt::format("{}: a key is a word of letters, digits, - and _",
                                          printable(*key)));
        const auto [first, inserted] = top.seen.try_emplace(*key, at);
        if (!inserted)
            report(at, fmt::format("{}: is given twice; first in line {}", printable(path),
                                   first->second.line));
        top.key_good = inserted;
        top.key = *key;
        top.key_at = at;
    }

    /// The entry for a value that begins here.
    [[nodiscard]] Entry entry(Entry::Kind kind, const YAML::Mark& mark) const {
        Entry made;
        made.kind = kind;
        made.origin = {file_, position(mark), {}};
        made.key = made.origin.at;
        const Frame& top = frames_.back();
        if (top.role == Frame::Role::list) {
            made.path = fmt::format("{}[{}]", top.path, top.index);
        } else {
            made.path = top.path.empty() ? top.key : top.path + "." + top.key;
            made.key = top.key_at;
            if (kind == Entry::Kind::null) // which has no place of its own
                made.origin.at = top.key_at;
        }
        return made;
    }

    void take_scalar(Entry::Kind kind, const YAML::Mark& mark, const std::string& value) {
        if (frames_.empty()) {
            if (kind != Entry::Kind::null)
                report(position(mark),
                       "the top level must be a mapping (`key: value` lines); a file "
                       "in the format of cachefilesd.conf must not be named *.yaml");
            return;
        }
        if (!muted()) {
            Entry made = entry(kind, mark);
            made.text = value;
            result_.entries.push_back(std::move(made));
        }
        end_value();
    }

    void begin(Entry::Kind kind, const YAML::Mark& mark, const std::string& tag) {
        if (frames_.size() == deepest)
            throw YAML::ParserException(mark, "nested too deeply");
        check_tag(mark, tag);
        Frame frame;
        if (key_expected()) {
            frame.is_key = true;
            take_key(mark, std::nullopt);
            report(position(mark), "a key is a word of letters, digits, - and _");
        } else if (frames_.empty()) {
            if (kind == Entry::Kind::mapping)
                frame.role = Frame::Role::mapping;
            else
                report(position(mark), "the top level must be a mapping, not a list");
        } else if (!muted()) {
            result_.entries.push_back(entry(kind, mark));
            frame.path = result_.entries.back().path;
            frame.role = kind == Entry::Kind::list ? Frame::Role::list : Frame::Role::mapping;
        }
        frames_.push_back(std::move(frame));
    }

    void end() {
        const bool is_key = frames_.back().is_key;
        frames_.pop_back();
        if (!is_key)
            end_value();
    }

    void end_value() {
        if (frames_.empty())
            return;
        frames_.back().key_expected = true;
        ++frames_.back().index;
    }

    SourceText& result_;
    const std::string& file_;
    std::vector<Frame> frames_;
    unsigned documents_ = 0;
};

/// What YAML forbids and the parser does not see (to it, \x04 is the end of the file), or reads as
/// another encoding.
std::optional<Diagnostic> forbidden_byte(std::string_view text, const std::string& file) {
    if (text.starts_with('\xfe') || text.starts_with('\xff'))
        return Diagnostic{file, {1, 1}, "must be UTF-8, not UTF-16"};
    Position at{1, 1};
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f)
            return Diagnostic{file, at, fmt::format("has a control character (0x{:02x})", byte)};
        if (c == '\n')
            at = {at.line + 1, 1};
        else
            ++at.column;
    }
    return std::nullopt;
}

bool indented_by_tab(std::string_view text, Position at) {
    for (unsigned line = 1; line < at.line; ++line)
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    const std::size_t blanks = std::min(text.find_first_not_of(" \t"), text.size());
    return text.substr(0, blanks).find('\t') != std::string_view::npos;
}

} // namespace

SourceText read_yaml(std::string_view text, const std::string& file) {
    SourceText result;
    if (std::optional<Diagnostic> error = forbidden_byte(text, file)) {
        result.errors.push_back(std::move(*error));
        result.complete = false;
        return result;
    }
    std::istringstream stream{std::string(text)};
    Reader reader(result, file);
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(reader)) {
        }
    } catch (const YAML::Exception& error) {
        const Position at = position(error.mark);
        const bool tab = at.line > 0 && indented_by_tab(text, at);
        result.errors.push_back(
            {file, at, error.msg + (tab ? " (YAML is not indented by tabs)" : "")});
        result.complete = false;
    } catch (const std::exception& error) {
        result.errors.push_back({file, {}, error.what()});
        result.complete = false;
    }
    return result;
}

} // namespace cachefiles::daemon
