// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/errors.hpp"

#include "base/bytes_text.hpp"

namespace cachefiles::daemon::bus {
namespace {

std::string own(const char* name) {
    return std::string("org.cachefiles1.Error.") + name;
}

std::string common(const char* name) {
    return std::string("org.freedesktop.DBus.Error.") + name;
}

std::string name_of(admin::Refusal::Kind kind) {
    using Kind = admin::Refusal::Kind;
    switch (kind) {
    case Kind::invalid:
        return common("InvalidArgs");
    case Kind::no_such_volume:
        return own("NoSuchVolume");
    case Kind::no_such_object:
        return own("NoSuchObject");
    case Kind::no_such_job:
        return own("NoSuchJob");
    case Kind::busy:
        return own("Busy");
    case Kind::not_online:
        return own("NotOnline");
    case Kind::failed:
        break;
    }
    return common("Failed");
}

} // namespace

sdbus::Error to_error(const admin::Refusal& refusal) {
    return {name_of(refusal.kind), utf8_text(refusal.text)};
}

sdbus::Error invalid_arguments(const std::string& text) {
    return {common("InvalidArgs"), utf8_text(text)};
}

sdbus::Error access_denied(const std::string& text) {
    return {common("AccessDenied"), utf8_text(text)};
}

sdbus::Error config_rejected(const std::string& text) {
    return {own("ConfigRejected"), utf8_text(text)};
}

sdbus::Error limits_exceeded(const std::string& text) {
    return {common("LimitsExceeded"), utf8_text(text)};
}

sdbus::Error failed(const std::string& text) {
    return {common("Failed"), utf8_text(text)};
}

} // namespace cachefiles::daemon::bus
