// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/limits_file.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"
#include "daemon/admin/limit_change.hpp"
#include "daemon/config/text_file.hpp"
#include "daemon/config/yaml_source.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

namespace cachefiles::daemon::admin {
namespace {

namespace fs = std::filesystem;

std::string text_of(const std::map<std::string, std::string>& texts) {
    constexpr std::string_view section = "limits.";
    std::string text = "# Limits that were set with cachefilesctl. It writes this file anew.\n"
                       "limits:\n";
    for (const auto& [path, value] : texts)
        text += fmt::format("  {}: {}\n", path.substr(section.size()), value);
    return text;
}

std::string cannot(const fs::path& file, int error) {
    std::string text = fmt::format("cannot write {}: {}", file.native(), errno_text(error));
    if (error == EROFS || error == EACCES)
        text += "; the service's unit has to allow it (ReadWritePaths=), or the file be written by "
                "hand";
    return text;
}

/// What is in the file, if there is one.
std::expected<std::optional<std::string>, std::string> contents(const fs::path& file) {
    std::error_code error;
    if (fs::symlink_status(file, error).type() == fs::file_type::not_found)
        return std::nullopt;
    std::expected<std::string, Diagnostic> text = read_text_file(file);
    if (!text)
        return std::unexpected(text.error().to_string());
    return *std::move(text);
}

int write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return errno;
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return fsync(fd) == 0 ? 0 : errno;
}

/// In place of what is there, whatever happens in between. 0 or errno.
int replace(const fs::path& file, std::string_view text) {
    const fs::path made = file.parent_path() / fmt::format(".{}.new", file.filename().native());
    unlink(made.c_str()); // of an earlier end
    const Fd fd(open(made.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!fd)
        return errno;
    fchmod(fd.get(), 0644); // whatever the umask: everybody may know
    int error = write_all(fd.get(), text);
    if (error == 0 && rename(made.c_str(), file.c_str()) != 0)
        error = errno;
    if (error != 0) {
        unlink(made.c_str());
        return error;
    }
    const Fd directory(open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return fsync(directory.get()) == 0 ? 0 : errno;
}

} // namespace

std::expected<void, std::string> LimitsFile::keep(const LimitChange& change) {
    const std::optional<fs::path> directory = drop_in_directory(request_);
    if (!directory)
        return std::unexpected(
            fmt::format("{} is in the format of cachefilesd.conf(5), which has no drop-ins; change "
                        "it there, or convert it with: cachefilesctl config convert",
                        request_.file->native()));
    const fs::path file = *directory / name;
    const std::expected<std::optional<std::string>, std::string> before = contents(file);
    if (!before)
        return std::unexpected(before.error());
    std::expected<Texts, std::string> texts = before->has_value() ? read(file) : Texts();
    if (!texts)
        return std::unexpected(texts.error());
    for (const auto& [path, text] : texts_of(change))
        (*texts)[path] = text;
    std::error_code error;
    if (fs::create_directory(*directory, error)) // or it is there, or writing says what is wrong
        fs::permissions(*directory, static_cast<fs::perms>(0755), error);
    if (const int failure = replace(file, text_of(*texts)))
        return std::unexpected(cannot(file, failure));
    const std::expected<LoadedConfig, Diagnostics> loaded = load(request_);
    if (loaded)
        return {};
    if (*before)
        (void)replace(file, **before); // it was written a moment ago
    else
        unlink(file.c_str());
    return std::unexpected("with these limits the configuration is not valid: " +
                           loaded.error().front().to_string());
}

/// Only what text_of() writes: a file with anything else in it is somebody's own, and so is a link.
std::expected<LimitsFile::Texts, std::string> LimitsFile::read(const fs::path& file) {
    const std::expected<std::string, Diagnostic> text = read_text_file(file);
    if (!text)
        return std::unexpected(text.error().to_string());
    const SourceText source = read_yaml(*text, file.native());
    const auto somebodys = [&file] {
        return std::unexpected(fmt::format("{} has been changed by hand: give it another name, or "
                                           "change the limits there",
                                           file.native()));
    };
    std::error_code error;
    if (!source.errors.empty() || fs::is_symlink(fs::symlink_status(file, error)))
        return somebodys();
    LimitChange all;
    all.max_size = all.max_files = all.min_free = 0;
    all.max_age = all.min_age = 0;
    const Texts ours = texts_of(all);
    Texts texts;
    for (const Entry& entry : source.entries) {
        if (entry.path == "limits" && entry.kind == Entry::Kind::mapping)
            continue;
        if (entry.kind != Entry::Kind::scalar || !ours.contains(entry.path))
            return somebodys();
        texts.emplace(entry.path, entry.text);
    }
    return texts;
}

} // namespace cachefiles::daemon::admin
