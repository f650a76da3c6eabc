// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/history.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace cachefiles::campaign {
namespace {

void advance(FileHistory& file, const Source& source, std::uint32_t version) {
    const Source::Step step = source.step(version);
    const std::uint64_t size = source.size(version);
    if (step.change == Source::Change::rewrite)
        file.blocks.clear();
    if (step.change == Source::Change::resize) {
        const std::uint64_t old = source.size(version - 1);
        if (size > old && old % block_size != 0)
            file.blocks.erase(old / block_size);
        file.blocks.erase(file.blocks.lower_bound((size + block_size - 1) / block_size),
                          file.blocks.end());
    }
    file.version = version;
    file.told = false;
}

void store(FileHistory& file, const Source& source, std::istream& in, std::int64_t when) {
    std::uint32_t version = 0;
    std::uint64_t start = 0;
    std::uint64_t length = 0;
    in >> version >> start >> length;
    // Whoever was late: its data were of a version that is no more.
    if (version != file.version)
        return;
    const std::uint64_t end = start + length;
    for (std::uint64_t block = (start + block_size - 1) / block_size; block * block_size < end;
         ++block) {
        if (end >= std::min((block + 1) * block_size, source.size(version)))
            file.blocks.emplace(block, when);
    }
}

void apply(FileHistory& file, const Source& source, char event, std::istream& in,
           std::int64_t when) {
    std::uint32_t version = 0;
    switch (event) {
    case 'b':
        in >> version;
        advance(file, source, version);
        break;
    case 'c':
        file.told = true;
        break;
    case 'm':
        file.modifying = true;
        break;
    case 'u':
        file.modifying = false;
        break;
    case 's':
        store(file, source, in, when);
        break;
    default: // x
        file.blocks.clear();
        break;
    }
}

} // namespace

std::vector<Source> make_sources(const SourceOptions& options) {
    std::vector<Source> sources;
    sources.reserve(options.files);
    for (std::uint32_t number = 0; number < options.files; ++number)
        sources.emplace_back(options, number);
    return sources;
}

History History::read(const std::filesystem::path& path, const std::vector<Source>& sources,
                      std::uint64_t until) {
    History history;
    history.files.resize(sources.size());
    std::ifstream in(path);
    std::string line;
    while (history.lines < until && std::getline(in, line)) {
        std::istringstream words(line);
        std::int64_t when = 0;
        char event = 0;
        std::uint32_t number = 0;
        words >> when >> event >> number;
        ++history.lines;
        history.end = when;
        if (number < sources.size())
            apply(history.files[number], sources[number], event, words, when);
    }
    return history;
}

} // namespace cachefiles::campaign
