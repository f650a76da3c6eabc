# SPDX-License-Identifier: GPL-2.0-or-later
remember_driver "the upgrade from $(version_installed)"
pid=$(main_pid)
install_packages /test/newer/cachefilesd.deb
wait_until is_active
assert_ne "$(main_pid)" "$pid" "the process"
assert cmp /etc/cachefilesd.conf /run/steps/cachefilesd.conf
not_withdrawn
state "upgraded to $(version_installed)"
