// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/conformance/runner/tree.hpp"

#include "base/fd.hpp"
#include "tests/conformance/runner/text.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <vector>

namespace cachefiles::conformance {

namespace {

namespace fs = std::filesystem;

constexpr char attribute_name[] = "user.CacheFiles.cache";
constexpr char key_attribute_name[] = "user.CacheFiles.key"; // of our own, for what has no name
constexpr std::size_t fixed_part = 18; // of an object's attribute (on-disk-format.md section 6)
constexpr std::size_t buried_name = 16;

std::optional<std::string> attribute(const fs::path& path, const char* name) {
    std::string value(1024, '\0');
    const ssize_t length = ::lgetxattr(path.c_str(), name, value.data(), value.size());
    if (length < 0)
        return std::nullopt;
    value.resize(static_cast<std::size_t>(length));
    return value;
}

std::string describe_object_attribute(const std::string& value) {
    if (value.size() < fixed_part)
        return to_hex(value);
    const std::string zero_point = value.substr(8, 8);
    return fmt::format("{} {} {} {} {}", to_hex(value.substr(0, 8)),
                       zero_point == std::string(8, '\0') ? to_hex(zero_point) : "<id>",
                       to_hex(value.substr(16, 1)), to_hex(value.substr(17, 1)),
                       to_hex(value.substr(fixed_part)));
}

std::string describe_attributes(const fs::path& path, bool is_file) {
    std::string text;
    if (const std::optional<std::string> value = attribute(path, attribute_name))
        text += " xattr=" + (is_file ? describe_object_attribute(*value) : to_hex(*value));
    if (attribute(path, key_attribute_name))
        text += " key=<key>";
    return text;
}

std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory))
        names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

bool is_fan_out(std::string_view name) {
    constexpr std::string_view digits = "0123456789abcdef";
    return name.size() == 3 && name[0] == '@' && digits.contains(name[1]) &&
           digits.contains(name[2]);
}

const char* kind_of(mode_t mode) {
    if (S_ISREG(mode))
        return "file";
    if (S_ISDIR(mode))
        return "dir";
    return S_ISLNK(mode) ? "symlink" : S_ISFIFO(mode) ? "fifo" : "other";
}

void describe(const fs::path& path, const std::string& shown, std::string& text) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0)
        return;
    const bool is_file = S_ISREG(status.st_mode);
    const bool is_directory = S_ISDIR(status.st_mode);
    text += fmt::format("{} {} mode={:04o}", shown, kind_of(status.st_mode),
                        static_cast<unsigned>(status.st_mode) & 07777U);
    if (is_file)
        text += fmt::format(" size={}", status.st_size);
    if (is_file && status.st_nlink != 1)
        text += fmt::format(" links={}", status.st_nlink);
    std::vector<std::string> names;
    if (is_directory)
        names = names_in(path);
    const auto fan_outs = std::count_if(names.begin(), names.end(),
                                        [](const std::string& name) { return is_fan_out(name); });
    if (fan_outs != 0)
        text += fmt::format(" fanouts={}", fan_outs);
    text += describe_attributes(path, is_file) + "\n";
    for (const std::string& name : names) {
        std::error_code error;
        const bool hidden = is_fan_out(name) && fs::is_directory(path / name, error) &&
                            names_in(path / name).empty();
        if (!hidden)
            describe(path / name, shown + "/" + printable(name), text);
    }
}

std::string read_all(int fd) {
    std::string bytes;
    std::string piece(1 << 16, '\0');
    for (;;) {
        const ssize_t length =
            ::pread(fd, piece.data(), piece.size(), static_cast<off_t>(bytes.size()));
        if (length <= 0)
            return bytes;
        bytes.append(piece, 0, static_cast<std::size_t>(length));
    }
}

} // namespace

std::string describe_tree(const fs::path& cache) {
    std::string text;
    describe(cache / "cache", "cache", text);
    std::error_code error;
    if (!fs::is_directory(cache / "graveyard", error))
        return text;
    text += "graveyard\n";
    int number = 0;
    for (const std::string& name : names_in(cache / "graveyard")) {
        // Seconds and a counter: a number is as much as can be said.
        const bool numbered = name.size() == buried_name;
        describe(cache / "graveyard" / name,
                 "graveyard/" + (numbered ? fmt::format("<{}>", ++number) : printable(name)), text);
    }
    return text;
}

std::string describe_data(const fs::path& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file)
        return errno_name(errno);
    const std::string bytes = read_all(file.get());
    std::string text = fmt::format("{}:", bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const off_t data = ::lseek(file.get(), static_cast<off_t>(at), SEEK_DATA);
        const std::size_t start = data < 0 ? bytes.size() : static_cast<std::size_t>(data);
        if (start > at)
            text += fmt::format(" hole*{}", start - at);
        if (start >= bytes.size())
            break;
        const off_t hole = ::lseek(file.get(), static_cast<off_t>(start), SEEK_HOLE);
        const std::size_t end =
            hole < 0 ? bytes.size() : std::min(bytes.size(), static_cast<std::size_t>(hole));
        text += describe_runs(std::string_view(bytes).substr(start, end - start));
        at = end;
    }
    return text;
}

} // namespace cachefiles::conformance
