// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/metrics/prometheus_text.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <utility>

namespace cachefiles::tests {
namespace {

constexpr std::string_view first_of_name = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:";
constexpr std::string_view digits = "0123456789";

/// Takes a name off the front; empty: there is none.
std::string take_name(std::string_view& text) {
    std::size_t length = 0;
    while (length < text.size() &&
           (first_of_name.find(text[length]) != std::string_view::npos ||
            (length > 0 && digits.find(text[length]) != std::string_view::npos)))
        ++length;
    std::string name(text.substr(0, length));
    text.remove_prefix(length);
    return name;
}

bool take(std::string_view& text, std::string_view what) {
    if (!text.starts_with(what))
        return false;
    text.remove_prefix(what.size());
    return true;
}

/// As Go's ParseFloat has it, as far as we write it.
bool parse_value(std::string_view text, double& value) {
    if (text.empty() || text.find_first_not_of("0123456789+-.eInfNa") != std::string_view::npos)
        return false;
    char* end = nullptr;
    const std::string copy(text);
    value = std::strtod(copy.c_str(), &end);
    return end == copy.c_str() + copy.size();
}

} // namespace

PrometheusText::PrometheusText(std::string_view text) {
    if (!text.empty() && !text.ends_with('\n'))
        fail("the last line has no end", "");
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1);
        line(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    for (const auto& [name, family] : families_) {
        std::set<std::pair<std::string, Labels>> seen;
        for (const Sample& sample : family.samples) {
            if (!seen.emplace(sample.name, sample.labels).second)
                fail("twice", sample.name);
        }
        if (family.samples.empty())
            fail("no samples", name);
        if (family.type == "histogram")
            check_histogram(name, family);
        if ((family.type == "counter") != name.ends_with("_total"))
            fail("a counter ends in _total, and nothing else does", name);
    }
}

void PrometheusText::line(std::string_view line) {
    if (line.starts_with('#'))
        comment(line);
    else
        sample(line);
}

void PrometheusText::comment(std::string_view line) {
    std::string_view rest = line;
    const bool help = take(rest, "# HELP ");
    if (!help && !take(rest, "# TYPE "))
        return fail("a comment of no kind", line);
    const std::string name = take_name(rest);
    if (name.empty() || !take(rest, " ") || rest.empty())
        return fail("no name, or nothing behind it", line);
    if (help) {
        if (families_.contains(name))
            return fail("a family is in two places", line);
        families_[name].help = rest;
    } else {
        if (!families_.contains(name) || name != current_ || !families_[name].samples.empty())
            return fail("a type that does not follow its help", line);
        if (rest != "counter" && rest != "gauge" && rest != "histogram")
            return fail("an unknown type", line);
        families_[name].type = rest;
    }
    current_ = name;
}

void PrometheusText::sample(std::string_view line) {
    Sample sample;
    std::string_view rest = line;
    sample.name = take_name(rest);
    std::string family = sample.name;
    if (families_[current_].type == "histogram") {
        for (const char* suffix : {"_bucket", "_sum", "_count"}) {
            if (sample.name == current_ + suffix)
                family = current_;
        }
    }
    if (family != current_ || families_[current_].type.empty())
        return fail("a sample outside of its family", line);
    if (take(rest, "{") && !labels(rest, sample.labels))
        return fail("bad labels", line);
    if (!take(rest, " ") || !parse_value(rest, sample.value)) // nor a timestamp
        return fail("no value, or more than it", line);
    families_[current_].samples.push_back(std::move(sample));
}

bool PrometheusText::labels(std::string_view& rest, Labels& labels) {
    while (!take(rest, "}")) {
        if (!labels.empty() && !take(rest, ","))
            return false;
        const std::string name = take_name(rest);
        if (name.empty() || name.find(':') != std::string::npos || !take(rest, "=\""))
            return false;
        std::string value;
        while (!rest.empty() && rest.front() != '"') {
            if (take(rest, "\\n"))
                value += '\n';
            else if (take(rest, "\\\\"))
                value += '\\';
            else if (take(rest, "\\\""))
                value += '"';
            else if (rest.front() == '\\')
                return false;
            else {
                value += rest.front();
                rest.remove_prefix(1);
            }
        }
        if (!take(rest, "\"") || !labels.emplace(name, value).second)
            return false;
    }
    return true;
}

/// With one set of labels: buckets ascend, the last is +Inf and equals the count.
void PrometheusText::check_histogram(const std::string& name, const Family& family) {
    double bound = -1;
    double value = 0;
    bool sum = false;
    for (const Sample& sample : family.samples) {
        if (sample.name == name + "_bucket") {
            const auto le = sample.labels.find("le");
            double next = 0;
            if (le == sample.labels.end() || !parse_value(le->second, next) || next <= bound ||
                sample.value < value)
                return fail("buckets that do not ascend", name);
            bound = next;
            value = sample.value;
        } else if (sample.name == name + "_count" &&
                   (!std::isinf(bound) || sample.value != value)) {
            return fail("a count that is not that of +Inf", name);
        }
        sum = sum || sample.name == name + "_sum";
    }
    if (!sum || !std::isinf(bound))
        fail("no sum, or no +Inf", name);
}

double PrometheusText::value(const std::string& name, Labels labels) const {
    double found = std::numeric_limits<double>::quiet_NaN();
    int count = 0;
    for (const auto& [family, contents] : families_) {
        for (const Sample& sample : contents.samples) {
            Labels own = sample.labels;
            own.erase("cache");
            if (sample.name == name && own == labels) {
                found = sample.value;
                ++count;
            }
        }
    }
    return count == 1 ? found : std::numeric_limits<double>::quiet_NaN();
}

void PrometheusText::fail(std::string_view what, std::string_view line) {
    error_ += std::string(what) + ": " + std::string(line) + "\n";
}

} // namespace cachefiles::tests
