// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/space_watch.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace cachefiles::daemon {

/// What keeps a cache online: the driver's device, or the user backend's store. It can die of an
/// I/O error, and is bound anew then. Belongs to the culling thread, after start.
class Binding {
public:
    struct State {
        bool culling = false;       ///< it asks for room itself
        std::uint64_t released = 0; ///< objects that it let go of since the last look
        /// The limits that it goes by, if it has its own.
        std::optional<cull::SpaceWatch::Thresholds> thresholds;
    };

    virtual ~Binding() = default;

    /// Once, in the culling thread, before anything else. Errors: SystemError.
    virtual void enter_thread() = 0;

    /// Between open() and close().
    [[nodiscard]] virtual bool bound() const = 0;
    /// While it is bound. Nothing: it cannot be told at present.
    [[nodiscard]] virtual std::optional<State> look() = 0;
    [[nodiscard]] virtual bool alive() = 0;
    /// After alive() was false: why, for the log.
    [[nodiscard]] virtual std::string death() const = 0;

    /// Takes the cache offline, which can take minutes.
    virtual void close() = 0;
    /// After close(). Errors: SystemError; try again later.
    virtual void open() = 0;

    /// Readable when there is something to look() at; -1: look at intervals.
    [[nodiscard]] virtual int descriptor() const = 0;
};

} // namespace cachefiles::daemon
