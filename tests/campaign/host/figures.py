# SPDX-License-Identifier: GPL-2.0-or-later
"""What campaign_check counts, for people."""

from collections import Counter


def lost_text(found: Counter) -> str:
    """Shares of the blocks that were stored and still good at the crash."""
    def share(count: int) -> str:
        return f"{100 * count / found['expected']:.2f} %"

    total = found["lost_recent"] + found["lost_settled"] + found["lost_modifying"]
    return (f"{share(total)} of {found['expected']} good blocks: "
            f"{share(found['lost_modifying'])} in files that were being modified, "
            f"{share(found['lost_recent'])} stored in the last 10 s, "
            f"{share(found['lost_settled'])} stored earlier")
