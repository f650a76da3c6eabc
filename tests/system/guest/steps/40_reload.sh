# SPDX-License-Identifier: GPL-2.0-or-later
remember_driver "the reload"
pid=$(main_pid)
limit() { cachefilesctl --json limits; }
printf 'limits:\n  max-size: 400MiB\n' >/etc/cachefilesd.yaml.d/50-test.yaml
systemctl reload $UNIT
wait_until 'limit | grep -q 419430400' "the change is in effect"
# One with an error changes nothing, and is explained.
printf 'limits:\n  max-size: plenty\n' >/etc/cachefilesd.yaml.d/50-test.yaml
if said=$(quietly cachefilesctl reload); then fail "reloaded, though there is an error"; fi
note "cachefilesctl reload, with an error in a drop-in: $said"
case $said in *50-test.yaml:2:*) ;; *) fail "the message does not say where: $said" ;; esac
systemctl reload $UNIT
wait_until 'explained 2f8d6c4b0a9e4713b5d7c1e3f6a8920a "Nothing of it"' "the journal explains it"
assert sh -c 'cachefilesctl --json limits | grep 419430400'
# Limits that are set for good are kept in a drop-in.
rm /etc/cachefilesd.yaml.d/50-test.yaml
cachefilesctl limits --persistent max-size=300M
systemctl reload $UNIT
wait_until 'limit | grep -q 314572800' "what was set for good holds"
ls -l /etc/cachefilesd.yaml.d
cachefilesctl limits --persistent max-size=none
assert_eq "$(main_pid)" "$pid" "the process"
not_withdrawn
state "reloaded"
