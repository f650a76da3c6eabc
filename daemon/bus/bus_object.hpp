// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <memory>
#include <string>
#include <vector>

namespace cachefiles::daemon::bus {

/// What emits: an object on the bus, and the interface of ours that it has.
class BusObject {
public:
    BusObject(sdbus::IConnection& connection, const std::string& path, std::string interface)
        : object_(sdbus::createObject(connection, path)), interface_(std::move(interface)) {}

    [[nodiscard]] const std::string& path() const { return object_->getObjectPath(); }
    void appeared() { object_->emitInterfacesAddedSignal(); }
    void vanishes() { object_->emitInterfacesRemovedSignal(); }

protected:
    ~BusObject() = default; // never deleted as such

    [[nodiscard]] sdbus::IObject& object() { return *object_; }
    [[nodiscard]] const std::string& interface() const { return interface_; }

    template<typename... T>
    void emit(const std::string& name, const T&... values) {
        sdbus::Signal signal = object_->createSignal(interface_, name);
        (void)(static_cast<sdbus::Message&>(signal) << ... << values);
        object_->emitSignal(signal);
    }
    void changed(const std::vector<std::string>& properties) {
        if (!properties.empty())
            object_->emitPropertiesChangedSignal(interface_, properties);
    }

private:
    std::unique_ptr<sdbus::IObject> object_;
    std::string interface_;
};

/// Names of properties that differ between two states of an object.
template<typename State>
class Differences {
public:
    Differences(const State& before, const State& after) : before_(before), after_(after) {}

    template<typename Field>
    Differences& compare(const char* property, Field field) {
        if (field(before_) != field(after_))
            names_.emplace_back(property);
        return *this;
    }
    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

private:
    const State& before_;
    const State& after_;
    std::vector<std::string> names_;
};

} // namespace cachefiles::daemon::bus
