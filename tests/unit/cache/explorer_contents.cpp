// SPDX-License-Identifier: GPL-2.0-or-later
// What clients do with contents, and what they may find there.
#include "tests/unit/cache/explorer.hpp"

#include <cerrno>

namespace cachefiles::tests {

void Explorer::read_or_write(Client& client, const cache::OperationPtr& operation, bool write) {
    const auto file = model_.file(operation);
    if (!file)
        return;
    FakeDisk::Content& content = *static_cast<const FakeFile&>(*file).data;
    const std::uint64_t epoch = client.epochs.at(operation.get());
    if (write) {
        const bool succeeds = !one_in(5);
        if (succeeds)
            content.version = epoch;
        model_.note_write(operation, succeeds);
        return;
    }
    model_.note_read(operation);
    if (!model_.current(operation))
        return;
    CHECK_FALSE(content.detached);
    CHECK(epoch == truth_[client.key].epoch);
    if (content.version != 0) {
        ++reads_;
        CHECK(content.version == epoch);
    }
}

void Explorer::act_on_content(Client& client) {
    const cache::OperationPtr operation =
        client.operations.empty() ? nullptr : client.operations[below(client.operations.size())];
    switch (below(7)) {
    case 0:
    case 1:
        if (operation)
            open(client, operation);
        break;
    case 2:
        if (operation)
            prepare(client, operation);
        break;
    case 3:
        if (!client.writes.empty())
            commit(client);
        break;
    case 4:
        plan(client);
        break;
    case 5:
        if (operation)
            modify(client, operation);
        break;
    default:
        read_warm(client);
        break;
    }
}

void Explorer::open(Client& client, const cache::OperationPtr& operation) {
    if (const auto file = model_.file(operation))
        client.open = file;
    prepare(client, operation);
    if (!client.writes.empty() && one_in(2))
        commit(client);
}

/// To fill some blocks with what the server had when the operation was asked for.
void Explorer::prepare(Client& client, const cache::OperationPtr& operation) {
    const auto file = model_.file(operation);
    if (!file || client.writes.size() >= 3 || client.resizing != 0)
        return;
    auto grant = cache::prepare_write(file, cache::WritePurpose::fill, below(6) * block,
                                      1 + below(2 * block));
    if (grant)
        client.writes.push_back(
            {*std::move(grant), client.epochs.at(operation.get()), client.cookie->id});
}

/// The data are written and committed, however much later; or given up half-way.
void Explorer::commit(Client& client) {
    const std::size_t which = below(client.writes.size());
    Write write = std::move(client.writes[which]);
    client.writes.erase(client.writes.begin() + static_cast<std::ptrdiff_t>(which));
    FakeDisk::Content& data = *static_cast<const FakeFile&>(*write.grant.file).data;
    const cache::Content& content = *data.map;
    const std::uint64_t start = write.grant.start, length = write.grant.length;
    const std::uint64_t first = start / block;
    const std::uint64_t end = first + (length + block - 1) / block;
    // A client lets no write overtake a resize (model.hpp), so what is beyond the end is nobody's.
    for (std::uint64_t number = first; number < end; ++number) {
        if (number * block < content.object_size() && !content.holds({number * block, 1}))
            data.blocks[number] = write.epoch;
    }
    if (one_in(5))
        return;
    const bool ended = content.ended();
    const int error = cache::commit_write(std::move(write.grant), start, length);
    CHECK(error == (ended ? ESTALE : 0));
}

/// As a client does that has the map in its memory: nobody is asked.
void Explorer::read_warm(const Client& client) {
    if (!client.open)
        return;
    const FakeDisk::Content& data = *static_cast<const FakeFile&>(*client.open).data;
    const std::uint64_t size = data.map->object_size();
    for (std::uint64_t number = 0; number * block < size; ++number) {
        if (!data.map->holds({number * block, 1}))
            continue;
        CHECK_FALSE(data.map->ended());
        CHECK_FALSE(data.detached);
        const auto found = data.blocks.find(number);
        REQUIRE(found != data.blocks.end());
        CHECK(found->second == truth_[client.key].epoch);
        ++warm_reads_;
    }
}

void Explorer::plan(const Client& client) {
    using protocol::netfs::ReadSource;
    if (!client.open)
        return;
    const cache::Content& content = client.open->content();
    const std::uint64_t start = below(7 * block);
    const auto plan = content.plan_read(start, 1 + below(2 * block));
    if (plan.source == ReadSource::cache)
        CHECK(content.holds({plan.start, plan.length}));
    if (content.ended())
        CHECK((plan.source == ReadSource::download || plan.source == ReadSource::zero));
    if (plan.source != ReadSource::zero)
        CHECK(plan.start + plan.length <= content.object_size());
}

/// A write that has been told to go on finds its mark on the disk.
void Explorer::modify(Client& client, const cache::OperationPtr& operation) {
    if (!model_.may_modify(client.cookie))
        return;
    model_.wait(operation, cache::Want::write, [this, key = client.key, operation](bool ready) {
        const auto file = model_.file(operation);
        if (!ready || !file || !model_.current(operation))
            return;
        if (!static_cast<const FakeFile&>(*file).data->found)
            return;
        const auto stored = disk_.files.find({"v", key});
        CHECK((stored == disk_.files.end() || stored->second.dirty));
        ++marked_writes_;
    });
}

} // namespace cachefiles::tests
