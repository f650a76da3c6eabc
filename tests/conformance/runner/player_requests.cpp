// SPDX-License-Identifier: GPL-2.0-or-later
/// The language of the cases, as requests to a target.
#include "tests/conformance/runner/player.hpp"
#include "tests/conformance/runner/text.hpp"

namespace cachefiles::conformance {

namespace {

/// What follows the fixed words of a step: NAME=VALUE, or a NAME alone.
class Options final {
public:
    Options(const Words& words, std::size_t first) {
        for (std::size_t i = first; i < words.size(); ++i) {
            const std::size_t equals = words[i].find('=');
            values_[words[i].substr(0, equals)] =
                equals == std::string::npos ? "" : words[i].substr(equals + 1);
        }
    }
    [[nodiscard]] std::string flag(const std::string& name) { return take(name) ? "1" : "0"; }
    [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise) {
        return take(name).value_or(otherwise);
    }
    [[nodiscard]] std::string number(const std::string& name, const std::string& otherwise) {
        const std::optional<std::string> value = take(name);
        return value ? std::to_string(parse_number(*value)) : otherwise;
    }
    /// Of what was not asked for, a mistyped word, say.
    void finish() const {
        if (!values_.empty())
            throw ScriptError("there is no option " + values_.begin()->first);
    }

private:
    std::optional<std::string> take(const std::string& name) {
        const auto node = values_.extract(name);
        return node ? std::optional(node.mapped()) : std::nullopt;
    }
    std::map<std::string, std::string> values_;
};

std::string number(const Words& words, std::size_t which) {
    if (which >= words.size())
        throw ScriptError("a number is missing");
    return std::to_string(parse_number(words[which]));
}

std::string hole_mode(const std::string& word) {
    if (word == "ignore")
        return "0";
    if (word == "clear")
        return "1";
    if (word == "fail")
        return "2";
    throw ScriptError("there is no way to treat holes like " + word);
}

} // namespace

Words Player::request(const Words& words) {
    if (words.size() < 3 && words.at(0) != "device")
        throw ScriptError("this is too short");
    if (words[0] == "device")
        return device_request(words);
    if (words[0] == "volume")
        return volume_request(words);
    if (words[0] == "cookie")
        return cookie_request(words);
    if (words[0] != "op")
        throw ScriptError("this is no request: " + words[0]);
    if (words[2] == "begin") {
        const std::string cookie = words.at(4) == "none" ? "-" : cookies_.number(words[4]);
        return {"begin", operations_.number(words[1]), cookie, words.at(3)};
    }
    return operation_request(operations_.number(words[1]), words, 2);
}

Words Player::device_request(const Words& words) const {
    const std::string& verb = words.at(1);
    Words request{"device", verb};
    if (verb == "write" || verb == "writev") {
        for (std::size_t i = 2; i < words.size(); ++i)
            request.push_back(bytes(words[i]));
    } else if (verb == "read") {
        request.push_back(words.size() > 2 ? number(words, 2) : "512");
    } else if (words.size() > 2) {
        request.push_back(words[2]);
    }
    return request;
}

Words Player::volume_request(const Words& words) {
    if (words[2] == "acquire") {
        volumes_.renew(words[1]);
        Options options(words, 4);
        Words request{"volume_acquire", volumes_.number(words[1]), to_hex(bytes(words.at(3))),
                      options.text("coherency", "-"), options.text("cache", "-")};
        options.finish();
        return request;
    }
    Options options(words, 3);
    Words request{"volume_relinquish", volumes_.number(words[1]), options.text("coherency", "none"),
                  options.flag("invalidate")};
    options.finish();
    return request;
}

Words Player::cookie_request(const Words& words) {
    const std::string& verb = words[2];
    if (verb == "acquire") {
        cookies_.renew(words[1]);
        Options options(words, 5);
        Words request{"cookie_acquire",
                      cookies_.number(words[1]),
                      volumes_.number(words.at(3)),
                      options.number("advice", "0"),
                      to_hex(bytes(words.at(4))),
                      options.text("aux", "-"),
                      options.number("size", "0")};
        options.finish();
        return request;
    }
    Options options(words, verb == "resize" ? 4 : 3);
    const std::string cookie = cookies_.number(words[1]);
    Words request{verb, cookie};
    if (verb == "use") {
        request.push_back(options.flag("modify"));
    } else if (verb == "unuse" || verb == "update") {
        request.push_back(options.text("aux", "none"));
        request.push_back(options.number("size", "none"));
    } else if (verb == "resize") {
        request.push_back(number(words, 3));
    } else if (verb == "invalidate") {
        request.push_back(options.text("aux", "none"));
        request.push_back(options.number("size", "0"));
        request.push_back(options.flag("dio"));
    } else if (verb == "relinquish") {
        request.push_back(options.flag("retire"));
    } else if (verb != "page_release" && verb != "show") {
        throw ScriptError("a cookie does not " + verb);
    }
    options.finish();
    return request;
}

Words Player::operation_request(const std::string& operation, const Words& words,
                                std::size_t first) const {
    const std::string& verb = words.at(first);
    if (verb == "end")
        return {verb, operation};
    Words request{verb, operation, number(words, first + 1), number(words, first + 2)};
    if (verb == "read") {
        request.push_back(hole_mode(words.at(first + 3)));
        return request;
    }
    Options options(words, first + 3);
    if (verb == "write") {
        request.push_back("0x" + options.text("fill", "aa"));
    } else if (verb == "prepare_read") {
        request.push_back(options.number("size", "0"));
    } else if (verb == "prepare_write") {
        request.push_back(options.number("size", "0"));
        request.push_back(options.flag("no_space"));
    } else if (verb == "occupancy") {
        request.push_back(options.number("granularity", "4096"));
    } else {
        throw ScriptError("an operation does not " + verb);
    }
    options.finish();
    return request;
}

} // namespace cachefiles::conformance
