// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/user_service.hpp"

namespace cachefiles::daemon {
namespace {

double number(std::uint64_t value) {
    return static_cast<double>(value);
}

} // namespace

void UserService::add_statistics(metrics::Statistics& all) const {
    const netfs::Server::Status server = server_->status();
    all["clients"] = number(server.clients);
    all["clients_accepted_total"] = number(server.accepted);
    all["clients_refused_total"] = number(server.refused);
    all["executor_jobs_waiting"] = executor_ ? number(executor_->waiting()) : 0;

    const cache::Counters model = model_->counters();
    all["attached_volumes"] = number(model.volumes);
    all["cookies"] = number(model.cookies);
    all["cookies_idle"] = number(model.lru_cookies);
    all["acquired_cookies_total"] = number(model.acquires_ok);
    all["invalidations_total"] = number(model.invalidates);
    all["retired_cookies_total"] = number(model.retires);
    all["resizes_total"] = number(model.resizes);

    const netfs::Traffic& traffic = *services_->traffic;
    all["touches_total"] = number(traffic.touches);
    all["stores_total{purpose=\"fill\"}"] = number(traffic.fills.count);
    all["stores_total{purpose=\"modify\"}"] = number(traffic.modifications.count);
    all["stored_bytes_total{purpose=\"fill\"}"] = number(traffic.fills.bytes);
    all["stored_bytes_total{purpose=\"modify\"}"] = number(traffic.modifications.bytes);
    all["store_refusals_total{reason=\"no_space\"}"] = number(traffic.no_space);
    all["store_refusals_total{reason=\"present\"}"] = number(traffic.present);
    all["store_refusals_total{reason=\"replaced\"}"] = number(traffic.replaced);
    all["store_refusals_total{reason=\"limit\"}"] = number(traffic.limited);
}

} // namespace cachefiles::daemon
