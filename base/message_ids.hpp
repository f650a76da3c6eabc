// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

/// Journal message ids (journalctl MESSAGE_ID=...), one for each event that a program may wait for.
/// They never change their meaning.
namespace cachefiles::message_id {

inline constexpr std::string_view bound = "6d29a1e3f3e44b9c8b1f5d0a6f1c7b01";
inline constexpr std::string_view unbound = "0b6f5a6d4e0c4e22a5a8c7d3be2f9c02";
inline constexpr std::string_view cull_started = "c1f0a9a55d6f4dd6a1b0b7e3b3a4d503";
inline constexpr std::string_view cull_finished = "5e0d3bb0a5fd4c0f9c7d8ef5a1b2c304";
inline constexpr std::string_view cull_stalled = "fa7e6b1c2d3e4f50a1b2c3d4e5f60705";
inline constexpr std::string_view device_lost = "91c2d7e84bb24fb0b2a64ad0c9f3e806";
inline constexpr std::string_view device_recovered = "3ad1f5c06e9b4a7e8c25d0f4b7a61907";
inline constexpr std::string_view index_rebuilt = "7c4e2d9ab61f4853a90d7e5c1f3b2a08";
inline constexpr std::string_view index_moved_aside = "e8b5a3f2c7d14906b3e1f8a2d4c50b09";
inline constexpr std::string_view config_rejected = "2f8d6c4b0a9e4713b5d7c1e3f6a8920a";
inline constexpr std::string_view graveyard_stuck = "b7a9c5d3e1f04826a4c8e0f2d6b1930b";
inline constexpr std::string_view foreign_files = "4d1e8f3a6b5c4972b0d9a7e5c3f1840c";
inline constexpr std::string_view events_lost = "a3f6d9c2b8e54170a6f4d2c0b9e7830d";

} // namespace cachefiles::message_id
