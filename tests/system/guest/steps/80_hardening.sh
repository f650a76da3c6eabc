# SPDX-License-Identifier: GPL-2.0-or-later
# What the unit forbids is tried under the unit's own settings, and fails; without them it succeeds.
grep -E '^(Cap|NoNewPrivs|Seccomp:)' "/proc/$(main_pid)/status"
assert grep -qE '^NoNewPrivs:.1$' "/proc/$(main_pid)/status"
assert grep -qE '^Seccomp:.2$' "/proc/$(main_pid)/status"
# CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH in effect; CAP_SYS_ADMIN only to open the device again.
assert grep -qE '^CapEff:.0{15}6$' "/proc/$(main_pid)/status"

sed -e 's|^ExecStart=.*|ExecStart=/usr/bin/perl /test/guest/probe|' -e '/^\(Restart\|RuntimeDirectory\|WatchdogSec\|ExecReload\|BusName\|FileDescriptorStoreMax\)/d' \
    -e 's/^Type=notify/Type=oneshot/' -e '/^NotifyAccess=/d' -e 's|^ReadWritePaths=|ReadWritePaths=/run/steps |' \
    -e '/^\[Install\]/,$d' /lib/systemd/system/$UNIT >/run/systemd/system/probe.service
systemctl daemon-reload
perl /test/guest/probe
mv /run/steps/probe /run/steps/probe.outside
systemctl start probe.service
paste /run/steps/probe.outside /run/steps/probe
assert_eq "$(grep -c ' denied$' /run/steps/probe.outside || true)" 0 "things that fail without the unit's settings"
assert_eq "$(grep '^must-not .* allowed$' /run/steps/probe || true)" "" "things that the unit should forbid"
assert_eq "$(grep '^may .* denied$' /run/steps/probe || true)" "" "things that the unit should allow"
forbidden=$(grep -c '^must-not .* denied$' /run/steps/probe)
state "hardening: $forbidden things tried, all of them refused"
