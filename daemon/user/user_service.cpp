// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/user_service.hpp"

#include "base/error.hpp"
#include "daemon/netfs/listener.hpp"
#include "daemon/system/descriptor_limit.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace cachefiles::daemon {
namespace {

// For the index, directories, threads, and what the libraries open.
constexpr std::uint64_t descriptors_of_our_own = 512;

netfs::Limits limits_of(const UserSettings& settings) {
    netfs::Limits limits;
    limits.client.volumes = settings.max_volumes;
    limits.client.cookies = settings.max_cookies;
    limits.client.files = settings.max_files;
    limits.client.grants = settings.max_grants;
    limits.connections = settings.max_clients;
    limits.connections_of_user =
        std::min<std::size_t>(limits.connections_of_user, limits.connections);
    limits.total.volumes = std::max(limits.total.volumes, limits.client.volumes);
    limits.total.cookies = std::max(limits.total.cookies, limits.client.cookies);
    limits.total.grants = std::max(limits.total.grants, limits.client.grants);
    // A client's socket and arena, an object's file and (after an invalidation) its former one.
    const std::uint64_t descriptors = raise_descriptor_limit();
    const std::uint64_t taken = descriptors_of_our_own + 2 * limits.connections;
    const std::uint64_t left = descriptors > taken ? (descriptors - taken) / 2 : 64;
    limits.total.files = std::min(std::max(limits.total.files, limits.client.files), left);
    limits.client.files = std::min(limits.client.files, limits.total.files);
    return limits;
}

/// The socket's directory, where the service manager has not made it.
void make_directory_of(const std::filesystem::path& socket) {
    const std::filesystem::path directory = socket.parent_path();
    std::error_code error;
    if (!std::filesystem::create_directory(directory, error))
        return; // it is there, or listening says what is wrong
    constexpr auto for_everybody = static_cast<std::filesystem::perms>(0755);
    std::filesystem::permissions(directory, for_everybody, error);
}

} // namespace

UserService::UserService(const UserSettings& settings, const Clock& clock, Log& log,
                         FindStore find_store)
    : log_(log), socket_(settings.socket),
      executor_(std::make_unique<cache::ThreadExecutor>(settings.executor_threads)) {
    registry_ = std::make_unique<netfs::Registry>(*executor_);
    model_ = std::make_unique<cache::Model>(cache::Model::Options{
        *executor_, clock, log_,
        [this](const cache::Cookie& cookie, protocol::CookieState from) {
            registry_->state_changed(cookie, from);
        },
        [this](const cache::CacheRecord& cache) { registry_->cache_changed(cache); },
        settings.idle_timeout});
    services_ = std::make_unique<netfs::Services>(netfs::Services{
        *model_, *executor_, *registry_, log_, limits_of(settings),
        [find = std::move(find_store)](const std::string&, const std::string& key, uid_t user) {
            const std::shared_ptr<cache::store::Store> store = find();
            return !store || store->may_attach(key, user);
        }});
    make_directory_of(settings.socket);
    server_ = std::make_unique<netfs::Server>(netfs::listen_at(socket_), *services_, clock);
}

UserService::~UserService() {
    stop_clients();
    end();
}

void UserService::stop_clients() {
    if (!server_)
        return;
    unlink(socket_.c_str());
    server_->stop();
}

void UserService::end() {
    executor_.reset();
}

std::string UserService::details() const {
    const netfs::Server::Status server = server_->status();
    return fmt::format("clients={} clients_accepted={} clients_refused={} volumes_open={} "
                       "cookies_open={} jobs={}",
                       server.clients, server.accepted, server.refused, model_->volumes().size(),
                       registry_->cookies(), executor_ ? executor_->waiting() : 0);
}

} // namespace cachefiles::daemon
