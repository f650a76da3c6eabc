/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between the kernels: 6.1, and 6.12, where fscache is a part of netfs. */
#ifndef CONFORMANCE_COMPAT_H
#define CONFORMANCE_COMPAT_H

#include <linux/fscache.h>
#include <linux/fscache-cache.h>
#include <linux/version.h>

static inline int compat_prepare_write(struct netfs_cache_resources *cres, loff_t *start,
				       size_t *len, loff_t i_size, bool no_space_allocated_yet)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	/* The caller's upper bound: what the kernel may round a write up to. */
	size_t upper = round_up(*len, PAGE_SIZE);

	return cres->ops->prepare_write(cres, start, len, upper, i_size, no_space_allocated_yet);
#else
	return cres->ops->prepare_write(cres, start, len, i_size, no_space_allocated_yet);
#endif
}

#endif
