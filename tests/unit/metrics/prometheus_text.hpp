// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::tests {

/// Reads the text exposition format 0.0.4 as strictly as its specification has it.
class PrometheusText final {
public:
    using Labels = std::map<std::string, std::string>;
    struct Sample {
        std::string name;
        Labels labels;
        double value = 0;
    };
    struct Family {
        std::string type;
        std::string help;
        std::vector<Sample> samples;
    };

    explicit PrometheusText(std::string_view text);

    /// What is wrong; empty: nothing.
    [[nodiscard]] const std::string& error() const { return error_; }
    [[nodiscard]] const std::map<std::string, Family>& families() const { return families_; }
    [[nodiscard]] bool has(const std::string& family) const { return families_.contains(family); }
    /// The only sample of that name with these labels, apart from `cache`; NaN: there is none, or
    /// there are several.
    [[nodiscard]] double value(const std::string& name, Labels labels = {}) const;

private:
    void line(std::string_view line);
    void comment(std::string_view line);
    void sample(std::string_view line);
    [[nodiscard]] bool labels(std::string_view& rest, Labels& labels);
    void check_histogram(const std::string& name, const Family& family);
    void fail(std::string_view what, std::string_view line);

    std::map<std::string, Family> families_;
    std::string current_;
    std::string error_;
};

} // namespace cachefiles::tests
