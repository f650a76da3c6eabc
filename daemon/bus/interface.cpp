// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/interface.hpp"

#include "daemon/bus/errors.hpp"

namespace cachefiles::daemon::bus {
namespace {

std::string types(const Arguments& arguments) {
    std::string text;
    for (const Argument& argument : arguments)
        text += argument.type;
    return text;
}

std::vector<std::string> names(const Arguments& arguments) {
    std::vector<std::string> list;
    for (const Argument& argument : arguments)
        list.push_back(argument.name);
    return list;
}

} // namespace

sdbus::Error to_answer(Log& log, const std::string& member, std::exception_ptr what) {
    try {
        std::rethrow_exception(std::move(what));
    } catch (const sdbus::Error& error) {
        return error;
    } catch (const std::exception& error) {
        log.error("D-Bus: " + member + ": " + error.what());
        return failed(error.what());
    } catch (...) {
        log.error("D-Bus: " + member + ": an unknown exception");
        return failed("an unknown exception");
    }
}

Interface& Interface::method(const std::string& name, const Arguments& in, const Arguments& out,
                             Handler handler) {
    const auto callback = [member = name_ + "." + name, handle = std::move(handler),
                           &log = log_](sdbus::MethodCall message) {
        Call call(std::move(message));
        try {
            handle(call);
        } catch (...) {
            call.fail(to_answer(log, member, std::current_exception()));
        }
    };
    object_.registerMethod(name_, name, types(in), names(in), types(out), names(out), callback);
    return *this;
}

Interface& Interface::signal(const std::string& name, const Arguments& arguments) {
    object_.registerSignal(name_, name, types(arguments), names(arguments));
    return *this;
}

sdbus::Flags Interface::flags(Changes changes) {
    sdbus::Flags flags;
    if (changes == Changes::silent)
        flags.set(sdbus::Flags::EMITS_NO_SIGNAL);
    if (changes == Changes::never)
        flags.set(sdbus::Flags::CONST_PROPERTY_VALUE);
    return flags;
}

sdbus::property_set_callback Interface::writer(std::string name,
                                               std::function<void(std::string)> setter) {
    return [this_name = std::move(name), set = std::move(setter),
            &log = log_](sdbus::PropertySetCall& message) {
        guard(log, this_name, [&] {
            std::string value;
            message >> value;
            set(std::move(value));
        });
    };
}

void Interface::guard(Log& log, const std::string& name, const std::function<void()>& what) {
    try {
        what();
    } catch (...) {
        throw to_answer(log, name, std::current_exception());
    }
}

} // namespace cachefiles::daemon::bus
