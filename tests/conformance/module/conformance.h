/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fscache's interface for network file systems, as commands of a device file: one write() is a
 * command, of words; the read() after it on the same open file is the reply. Volumes, cookies and
 * operations are numbers, chosen by the caller. For tests alone: a caller that uses one number
 * from two threads at a time, or relinquishes what is in use, crashes the kernel.
 */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <linux/types.h>

#define MAX_WORDS 8
#define MAX_BLOB 600
#define MAX_REPLY 2048

struct command {
	unsigned int count;
	char *word[MAX_WORDS];
	char *reply;		/* MAX_REPLY bytes */
};

struct blob {
	size_t len;
	u8 bytes[MAX_BLOB];
};

struct fscache_cookie;

/* Parsing, in device.c. Each returns 0 or -EINVAL. */
int get_number(const struct command *cmd, unsigned int word, u64 *value);
int get_index(const struct command *cmd, unsigned int word, unsigned int limit, unsigned int *index);
/* Hex; "-" is nothing. *given is false for the word "none". */
int get_blob(const struct command *cmd, unsigned int word, struct blob *blob, bool *given);

/* Null: there is no such cookie. */
struct fscache_cookie *conformance_cookie(unsigned int index);

/* Each returns 0 and fills the reply, or an errno of the driver's, which becomes the reply. */
int volume_acquire(struct command *cmd);
int volume_relinquish(struct command *cmd);
int cookie_acquire(struct command *cmd);
int cookie_use(struct command *cmd);
int cookie_unuse(struct command *cmd);
int cookie_update(struct command *cmd);
int cookie_resize(struct command *cmd);
int cookie_invalidate(struct command *cmd);
int cookie_relinquish(struct command *cmd);
int cookie_page_release(struct command *cmd);
int cookie_show(struct command *cmd);
int settle(struct command *cmd);

int operation_begin(struct command *cmd);
int operation_read(struct command *cmd);
int operation_write(struct command *cmd);
int operation_prepare_read(struct command *cmd);
int operation_prepare_write(struct command *cmd);
int operation_occupancy(struct command *cmd);
int operation_end(struct command *cmd);

void operations_clear(void);
void cookies_clear(void);

#endif
