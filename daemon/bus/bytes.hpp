// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <string>

namespace cachefiles::daemon::bus {

/// `ay` of any bytes. As a vector sdbus-c++ 1.2 would append them one by one, in a listing of
/// 10,000 names hundreds of thousands of calls.
struct Bytes {
    std::string value;
};

sdbus::Message& operator<<(sdbus::Message& message, const Bytes& bytes);
sdbus::Message& operator>>(sdbus::Message& message, Bytes& bytes);

} // namespace cachefiles::daemon::bus

namespace sdbus {

template<>
struct signature_of<cachefiles::daemon::bus::Bytes> {
    static constexpr bool is_valid = true;
    static const std::string str() { return "ay"; } // NOLINT(*-const-return-type): as the others
};

} // namespace sdbus
