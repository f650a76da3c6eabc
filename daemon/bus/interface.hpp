// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "daemon/bus/call.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <exception>
#include <functional>
#include <string>
#include <vector>

namespace cachefiles::daemon::bus {

struct Argument {
    std::string name;
    std::string type;
};
using Arguments = std::vector<Argument>;

/// How a property's changes are told.
enum class Changes { signalled, silent, never };

/// Registers the members of one interface: all that this project uses of sdbus-c++'s registration,
/// which is another in its version 2. An exception that leaves a callback would end the process
/// with version 1.2; none leaves these. Call finishRegistration() of the object afterwards.
class Interface final {
public:
    using Handler = std::function<void(Call&)>;

    /// `log` outlives the object.
    Interface(sdbus::IObject& object, std::string name, Log& log)
        : object_(object), name_(std::move(name)), log_(log) {}

    /// The handler answers the call, or keeps it. What it throws becomes the answer.
    Interface& method(const std::string& name, const Arguments& in, const Arguments& out,
                      Handler handler);
    Interface& signal(const std::string& name, const Arguments& arguments);

    template<typename Getter>
    Interface& property(const std::string& name, Changes changes, Getter getter) {
        object_.registerProperty(name_, name, type_of<Getter>(), reader(name, std::move(getter)),
                                 flags(changes));
        return *this;
    }
    /// sd-bus itself lets only the daemon's own user and CAP_SYS_ADMIN write.
    template<typename Getter>
    Interface& writable(const std::string& name, Getter getter,
                        std::function<void(std::string)> setter) {
        object_.registerProperty(name_, name, type_of<Getter>(), reader(name, std::move(getter)),
                                 writer(name, std::move(setter)), flags(Changes::silent));
        return *this;
    }

private:
    template<typename Getter>
    [[nodiscard]] static std::string type_of() {
        return sdbus::signature_of<std::invoke_result_t<Getter>>::str();
    }
    [[nodiscard]] static sdbus::Flags flags(Changes changes);

    template<typename Getter>
    [[nodiscard]] sdbus::property_get_callback reader(std::string name, Getter getter) {
        return [this_name = std::move(name), get = std::move(getter),
                &log = log_](sdbus::PropertyGetReply& reply) {
            guard(log, this_name, [&] { static_cast<sdbus::Message&>(reply) << get(); });
        };
    }
    [[nodiscard]] sdbus::property_set_callback writer(std::string name,
                                                      std::function<void(std::string)> setter);
    /// Lets nothing out but sdbus::Error, which sdbus-c++ turns into an answer.
    static void guard(Log& log, const std::string& name, const std::function<void()>& what);

    sdbus::IObject& object_;
    std::string name_;
    Log& log_;
};

/// An exception as an answer. Unexpected ones are logged.
[[nodiscard]] sdbus::Error to_answer(Log& log, const std::string& member, std::exception_ptr what);

} // namespace cachefiles::daemon::bus
