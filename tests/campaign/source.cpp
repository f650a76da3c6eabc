// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/source.hpp"

#include "tests/campaign/page.hpp"
#include "tests/campaign/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace cachefiles::campaign {
namespace {

// Salts: what is drawn from a version's number.
enum : std::uint64_t { salt_change = 1, salt_size, salt_size_class, salt_start, salt_length };

std::string make_key(std::uint32_t number) {
    // One in eight each of: short binary, with zeros at its end, long, too long for the driver.
    switch (number % 8) {
    case 1:
        return std::string{'\xff', static_cast<char>(number), static_cast<char>(number >> 8)};
    case 3:
        return fmt::format("zeros {}", number) + std::string(1 + number % 3, '\0');
    case 5:
        return fmt::format("/long/{}/", number) + std::string(150, '\x81');
    case 7:
        return fmt::format("/longer/{}/", number) + std::string(235, '\x82');
    default:
        return fmt::format("file-{}", number);
    }
}

} // namespace

std::string volume_key(std::uint32_t volume) {
    return fmt::format("campaign,volume-{}", volume);
}

Source::Source(const SourceOptions& options, std::uint32_t number)
    : options_(options), number_(number), key_(make_key(number)) {}

std::uint64_t Source::mix(std::uint64_t a, std::uint64_t b) const {
    return mixed(mixed(mixed(options_.seed ^ number_) + a) + b);
}

Source::Change Source::change(std::uint32_t version) const {
    if (version == 0)
        return Change::rewrite;
    const std::uint64_t drawn = mix(version, salt_change) % 100;
    return drawn < 45 ? Change::rewrite : drawn < 80 ? Change::modify : Change::resize;
}

std::uint64_t Source::chosen_size(std::uint32_t version) const {
    // Small files are where the ends are: one in four is within a page, one in four within a block.
    const std::uint64_t drawn = mix(version, salt_size_class) % 8;
    const std::uint64_t limit = drawn < 2   ? Source::page_size
                                : drawn < 4 ? block_size
                                : drawn < 7 ? options_.largest / 4
                                            : options_.largest;
    const std::uint64_t size = 1 + mix(version, salt_size) % std::min(limit, options_.largest);
    // Some end where a block does, or a page.
    const std::uint64_t unit = drawn % 4 == 1 ? page_size : drawn == 5 ? block_size : 1;
    return std::min((size + unit - 1) / unit * unit, options_.largest);
}

std::uint32_t Source::last_rewrite(std::uint32_t version) const {
    while (change(version) != Change::rewrite)
        --version;
    return version;
}

std::uint64_t Source::size(std::uint32_t version) const {
    while (change(version) == Change::modify)
        --version;
    return chosen_size(version);
}

Source::Step Source::step(std::uint32_t version) const {
    const std::uint64_t now = size(version);
    switch (change(version)) {
    case Change::rewrite:
        return {.change = Change::rewrite, .start = 0, .end = now};
    case Change::resize:
        return {.change = Change::resize, .start = std::min(size(version - 1), now), .end = now};
    case Change::modify:
        break;
    }
    const std::uint64_t start = mix(version, salt_start) % now;
    const std::uint64_t length = 1 + mix(version, salt_length) % (now - start);
    // Mostly a few pages, sometimes all there is.
    const bool is_long = mix(version, salt_length + 1) % 4 == 0;
    return {.change = Change::modify,
            .start = start,
            .end = start + (is_long ? length : std::min<std::uint64_t>(length, 20'000))};
}

std::string Source::aux(std::uint32_t version) const {
    std::array<std::uint32_t, 2> words{number_, version};
    return {reinterpret_cast<const char*>(words.data()), sizeof words};
}

std::optional<std::uint32_t> Source::version_of(const std::string& aux) const {
    std::array<std::uint32_t, 2> words{};
    if (aux.size() != sizeof words)
        return std::nullopt;
    std::memcpy(words.data(), aux.data(), sizeof words);
    if (words[0] != number_)
        return std::nullopt;
    return words[1];
}

std::vector<Source::Piece> Source::pieces(std::uint32_t version) const {
    std::vector<Piece> found; // in order, without gaps
    for (std::uint32_t writer = last_rewrite(version); writer <= version; ++writer) {
        const Step step = this->step(writer);
        std::vector<Piece> now;
        for (const Piece& old : found) {
            if (old.start < step.start)
                now.push_back({old.start, std::min(old.end, step.start), old.version});
        }
        if (step.start < step.end)
            now.push_back({step.start, step.end, writer});
        // Beyond the end of a shorter version, nothing of the old one stays.
        for (const Piece& old : found) {
            if (step.change == Change::modify && old.end > step.end)
                now.push_back({std::max(old.start, step.end), old.end, old.version});
        }
        found = std::move(now);
    }
    return found;
}

void Source::fill(std::uint32_t writer, std::uint64_t start, std::span<std::byte> buffer) const {
    Page page{};
    while (!buffer.empty()) {
        const std::uint64_t page_no = start / page_size;
        const std::size_t skipped = start % page_size;
        const std::size_t length = std::min(page_size - skipped, buffer.size());
        make_page(page,
                  {.seed = options_.seed, .file = number_, .version = writer, .page = page_no});
        std::memcpy(buffer.data(), page.data() + skipped, length);
        buffer = buffer.subspan(length);
        start += length;
    }
}

std::size_t Source::read(std::uint32_t version, std::uint64_t start,
                         std::span<std::byte> buffer) const {
    std::size_t count = 0;
    for (const Piece& piece : pieces(version)) {
        const std::uint64_t from = std::max(piece.start, start);
        const std::uint64_t to = std::min<std::uint64_t>(piece.end, start + buffer.size());
        if (from >= to)
            continue;
        fill(piece.version, from, buffer.subspan(from - start, to - from));
        count += to - from;
    }
    return count;
}

bool Source::matches(std::uint32_t version, std::uint64_t start,
                     std::span<const std::byte> data) const {
    std::vector<std::byte> expected(data.size());
    return read(version, start, expected) == data.size() && std::ranges::equal(expected, data);
}

std::string Source::explain(std::uint32_t version, std::uint64_t start,
                            std::span<const std::byte> data) const {
    std::vector<std::byte> expected(data.size());
    expected.resize(read(version, start, expected));
    const auto [differs, unused] = std::ranges::mismatch(data, expected);
    const std::size_t offset = static_cast<std::size_t>(differs - data.begin());
    std::string text =
        fmt::format("file {} version {} (size {}): {} bytes at {}, wrong from {}", number_, version,
                    size(version), data.size(), start, start + offset);
    if (offset == data.size())
        return text + ": too short";
    if (std::ranges::all_of(data.subspan(offset), [](std::byte b) { return b == std::byte{0}; }))
        return text + ": zeros";
    for (std::uint32_t other = version + 3; other-- > 0;) {
        const std::span<const std::byte> rest =
            data.subspan(offset, std::min<std::size_t>(64, data.size() - offset));
        if (other != version && matches(other, start + offset, rest))
            return text + fmt::format(": has the data of version {}", other);
    }
    const std::uint64_t next_page =
        (start + offset + page_size - 1) / page_size * page_size - start;
    const std::uint64_t this_page = (start + offset) / page_size * page_size;
    for (const std::uint64_t at : {this_page >= start ? this_page - start : next_page, next_page}) {
        if (at + page_size > data.size())
            continue;
        if (const std::optional<PageName> name = name_of(data.subspan(at).first<page_size>()))
            return text + fmt::format(": page is file {} version {} page {}{}", name->file,
                                      name->version, name->page,
                                      name->seed == options_.seed ? "" : " of another seed");
    }
    return text + ": nothing known";
}

} // namespace cachefiles::campaign
