// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

/// Error injection, after the driver's /proc/sys/cachefiles/error_injection (fscache-model.md
/// section 12). Which call belongs to which class stands in calls.hpp. Compiled in only with
/// CACHEFILESD_FAULTS, which the tests' copy of the library has; otherwise nothing is left of it.
namespace cachefiles::cache::store::faults {

/// Bits, to be combined.
enum Class : unsigned {
    read = 1,
    write = 2,
    remove = 4,
    flush = 8, ///< an addition: the driver leaves fsync alone, but then it never calls it
    every = read | write | remove | flush,
};

#ifdef CACHEFILESD_FAULTS

/// The `nth` call (1: the next one) of these classes, counted together, fails with `error` instead
/// of being made; those after it are made. Takes the place of what was set before. Any thread.
void fail_nth(unsigned classes, int error, unsigned nth);
/// Each call fails with this probability (0 to 1); the same seed, the same calls.
void fail_at_random(unsigned classes, int error, double probability, unsigned seed);
/// No more failures. Returns how many there were since something was set.
unsigned clear();

/// 0 or the errno with which this call is to fail.
[[nodiscard]] int injected(Class which);

#else

[[nodiscard]] constexpr int injected(Class /*which*/) {
    return 0;
}

#endif

} // namespace cachefiles::cache::store::faults
