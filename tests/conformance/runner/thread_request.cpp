// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/conformance/runner/thread_request.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <chrono>
#include <exception>
#include <fstream>
#include <string>
#include <utility>

namespace cachefiles::conformance {

namespace {
constexpr int looks = 40;
constexpr std::chrono::milliseconds between_looks{5};
} // namespace

ThreadRequest::ThreadRequest(std::function<Reply()> request)
    : reply_(promise_.get_future()), thread_([this, request = std::move(request)] {
          thread_id_ = ::gettid();
          try {
              promise_.set_value(request());
          } catch (...) {
              promise_.set_exception(std::current_exception());
          }
      }) {}

bool ThreadRequest::ended() {
    for (int asleep = 0; asleep < looks;) {
        if (reply_.wait_for(between_looks) == std::future_status::ready)
            return true;
        asleep = sleeps() ? asleep + 1 : 0;
    }
    return false;
}

Reply ThreadRequest::reply() {
    return reply_.get();
}

bool ThreadRequest::sleeps() const {
    std::ifstream file(fmt::format("/proc/self/task/{}/stat", thread_id_.load()));
    std::string line;
    std::getline(file, line);
    const std::size_t name_end = line.rfind(')');
    if (name_end == std::string::npos || name_end + 2 >= line.size())
        return false;
    const char state = line[name_end + 2];
    return state == 'S' || state == 'D';
}

} // namespace cachefiles::conformance
