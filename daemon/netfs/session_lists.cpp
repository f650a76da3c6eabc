// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/session.hpp"
#include "daemon/netfs/statistics.hpp"
#include "protocol/cookie_list.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace cachefiles::daemon::netfs {
namespace {

/// The lines of a list from one of them on, as many as go into a reply.
class Page final {
public:
    explicit Page(std::size_t first) : skip_(first) {}

    /// False: it is full.
    bool add(std::string_view line) {
        if (skip_ > 0) {
            --skip_;
            return true;
        }
        if (text_.size() + line.size() > wire::max_list_text)
            return false;
        text_ += line;
        return true;
    }
    /// Several lines in one text.
    void add_all(std::string_view lines) {
        while (!lines.empty()) {
            const std::size_t end = std::min(lines.find('\n'), lines.size() - 1) + 1;
            if (!add(lines.substr(0, end)))
                return;
            lines.remove_prefix(end);
        }
    }
    /// How many of so many entries need not be looked at.
    std::ptrdiff_t skip(std::size_t entries) {
        const std::size_t skipped = std::min(skip_, entries);
        skip_ -= skipped;
        return static_cast<std::ptrdiff_t>(skipped);
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::size_t skip_;
    std::string text_;
};

template<class Entries, class Describe>
void add_entries(Page& page, std::string_view header, const Entries& entries, Describe describe) {
    page.add_all(header);
    auto entry = std::next(entries.begin(), page.skip(entries.size()));
    while (entry != entries.end() && page.add(protocol::format_line(describe(*entry))))
        ++entry;
}

} // namespace

void Session::handle(const Call& call, const wire::List& request) {
    Page page(request.first);
    switch (request.what) {
    case wire::List::What::caches: {
        std::set<cache::CachePtr> caches;
        for (const auto& [number, entry] : volumes_)
            caches.insert(entry.volume->cache);
        add_entries(page, protocol::caches_header, caches,
                    [this](const cache::CachePtr& cache) { return model_.entry(cache); });
        break;
    }
    case wire::List::What::volumes:
        add_entries(page, protocol::volumes_header, volumes_,
                    [this](const auto& entry) { return model_.entry(entry.second.volume); });
        break;
    case wire::List::What::cookies:
        add_entries(page, protocol::cookies_header, cookies_,
                    [this](const auto& entry) { return model_.entry(entry.second.cookie); });
        break;
    case wire::List::What::stats:
        page.add_all(format_statistics(model_.counters()));
        break;
    }
    answer(call, wire::ListReply{.text = page.take()});
}

} // namespace cachefiles::daemon::netfs
