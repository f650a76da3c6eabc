// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/failure.hpp"
#include "ctl/json.hpp"
#include "ctl/local/tree_look.hpp"
#include "ctl/verbs.hpp"
#include "ctl/view/cached_view.hpp"

#include <algorithm>
#include <array>

namespace cachefiles::ctl {
namespace {

constexpr std::array cached_options{
    Option{"files", "", "each file, those that lack most of their bytes first"},
    Option{"limit", "N", "at most so many files, 1000 by default; 0: all, in no order"},
};

constexpr std::uint64_t usual_files = 1000;
constexpr unsigned looks_at_a_time = 8; // of a source far away the round trips count
/// So many rows are formatted together: the columns are as wide as they need.
constexpr std::size_t files_of_table = 1000;

/// The files that lack most, of any number of them.
class Lacking final {
public:
    explicit Lacking(std::size_t most) : most_(most) {}

    void add(const std::string& path, const CachedShare& share) {
        if (files_.size() == most_) {
            dropped_ = true;
            if (share.missing() <= files_.front().share.missing())
                return;
            std::ranges::pop_heap(files_, lacks_more);
            files_.pop_back();
        }
        files_.push_back({path, share});
        std::ranges::push_heap(files_, lacks_more);
    }
    /// Sorted; nothing is added any more.
    [[nodiscard]] const std::vector<CachedFile>& files() {
        std::ranges::sort(files_, [](const CachedFile& one, const CachedFile& other) {
            return lacks_more(one, other) || (!lacks_more(other, one) && one.path < other.path);
        });
        return files_;
    }
    [[nodiscard]] bool dropped() const { return dropped_; }

private:
    static bool lacks_more(const CachedFile& one, const CachedFile& other) {
        return one.share.missing() > other.share.missing();
    }

    std::size_t most_;
    std::vector<CachedFile> files_; ///< a heap; the one that lacks least is in front
    bool dropped_ = false;
};

std::string cached_text(const Context& context, const std::vector<CachedFile>& files,
                        bool headings) {
    if (!context.json())
        return files.empty() ? "" : cached_files_view(files, headings, context.style());
    std::string lines;
    for (const CachedFile& file : files)
        lines += to_line(cached_json(file));
    return lines;
}

/// What every way of looking at trees has.
struct Look {
    Context& context;
    const std::vector<std::string>& paths;
    MountShares shares;
    Complaints complaints;
    bool progress = true;

    /// `tree` is told of each tree; false of `each`: no more is wanted.
    void all(const TreeLook::Each& each, const std::function<void(const CachedTree&)>& tree) {
        (void)need_cachefiles_mounts(paths, shares);
        TreeLook look(context, shares, complaints, looks_at_a_time);
        if (!progress)
            look.hide_progress();
        for (const std::string& path : paths) {
            const std::uint64_t before = complaints.count();
            TreeWalk walk(path, complaints);
            CachedTree result{path, need_cachefiles_mount(walk, shares), {}, 0, 0};
            result.sum = look.look(walk, each);
            result.unreadable = complaints.count() - before;
            result.other_mounts = walk.other_mounts();
            tree(result);
        }
    }
};

void print_trees(Look& look) {
    Json trees = Json::array();
    std::string text;
    look.all([](const std::string&, const CachedShare&) { return true; },
             [&](const CachedTree& tree) {
                 if (look.context.json())
                     trees.push_back(cached_json(tree));
                 else
                     text += (text.empty() ? "" : "\n") + cached_view(tree, look.context.style());
             });
    look.context.print(look.context.json() ? to_line(Json{{"trees", trees}}) : text);
}

void print_lacking(Look& look, std::uint64_t limit) {
    Lacking lacking(limit);
    look.all(
        [&](const std::string& path, const CachedShare& share) {
            lacking.add(path, share);
            return true;
        },
        [](const CachedTree&) {});
    look.context.print(cached_text(look.context, lacking.files(), true));
    if (lacking.dropped())
        look.context.say("There are more: --limit 0 lists all of them.\n");
}

/// As they are met: of a million nobody waits for the last, or has them all in memory.
void print_all_files(Look& look) {
    look.progress = false;
    Pager output = look.context.pager();
    std::vector<CachedFile> files;
    bool first = true;
    bool reads_on = true;
    const auto flush = [&] {
        reads_on = reads_on && output.write(cached_text(look.context, files, first));
        first = false;
        files.clear();
    };
    look.all(
        [&](const std::string& path, const CachedShare& share) {
            files.push_back({path, share});
            if (files.size() == files_of_table)
                flush();
            return reads_on;
        },
        [](const CachedTree&) {});
    flush();
    output.end();
}

ExitStatus run_cached(Context& context, const Arguments& arguments) {
    context.need_this_machine("cached");
    const std::uint64_t limit = arguments.number("limit").value_or(usual_files);
    if (arguments.has("limit") && !arguments.has("files"))
        throw Failure(ExitStatus::usage, "cached: --limit is of --files");
    Look look{context, arguments.operands(), {}, {}, true};
    if (!arguments.has("files"))
        print_trees(look);
    else if (limit == 0)
        print_all_files(look);
    else
        print_lacking(look, limit);
    return look.complaints.count() == 0 ? ExitStatus::success : ExitStatus::failure;
}

} // namespace

Verb cached_verb() {
    return {"cached",
            "PATH...",
            1,
            any_number,
            "how much of a tree on a cachefiles-mount is cached",
            cached_options,
            run_cached};
}

} // namespace cachefiles::ctl
