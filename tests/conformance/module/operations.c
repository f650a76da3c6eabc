// SPDX-License-Identifier: GPL-2.0
/* Operations on a cookie's data: each holds an access of its cookie from begin to end. */

#include <linux/bvec.h>
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "conformance.h"

#define MAX_OPERATIONS 64
#define MAX_LENGTH (4 << 20)
#define MAX_RUNS 24

/* prepare_read() takes a part of a read request, of an inode. */
struct operation {
	struct netfs_io_request request;
	struct netfs_io_subrequest part;
	struct inode inode;
};

struct buffer {
	u8 *bytes;		/* vmalloc: whole pages */
	struct bio_vec *pages;
	unsigned int count;
};

struct transfer {
	struct completion done;
	ssize_t result;
};

static struct operation *operations[MAX_OPERATIONS];

static struct netfs_cache_resources *resources(struct operation *op)
{
	return &op->request.cache_resources;
}

static struct operation *get_operation(const struct command *cmd)
{
	unsigned int index;

	return get_index(cmd, 1, MAX_OPERATIONS, &index) ? NULL : operations[index];
}

/* begin N COOKIE read|write; the cookie "-" is none. */
int operation_begin(struct command *cmd)
{
	struct fscache_cookie *cookie = NULL;
	struct operation *op;
	unsigned int index;
	u64 which;
	int ret;

	if (cmd->count != 4 || get_index(cmd, 1, MAX_OPERATIONS, &index) || operations[index])
		return -EINVAL;
	if (strcmp(cmd->word[2], "-")) {
		if (get_number(cmd, 2, &which))
			return -EINVAL;
		cookie = conformance_cookie(which);
	}
	op = kzalloc(sizeof(*op), GFP_KERNEL);
	if (!op)
		return -ENOMEM;
	op->request.inode = &op->inode;
	op->part.rreq = &op->request;
	if (strcmp(cmd->word[3], "write") == 0)
		ret = fscache_begin_write_operation(resources(op), cookie);
	else
		ret = fscache_begin_read_operation(resources(op), cookie);
	if (ret < 0) {
		kfree(op);
		return ret;
	}
	operations[index] = op;
	return snprintf(cmd->reply, MAX_REPLY, "ok");
}

int operation_end(struct command *cmd)
{
	struct operation *op = get_operation(cmd);
	unsigned int index;

	if (!op || get_index(cmd, 1, MAX_OPERATIONS, &index))
		return -EINVAL;
	operations[index] = NULL;
	fscache_end_operation(resources(op));
	kfree(op);
	return snprintf(cmd->reply, MAX_REPLY, "ok");
}

static void buffer_free(struct buffer *buffer)
{
	vfree(buffer->bytes);
	kvfree(buffer->pages);
}

static int buffer_make(struct buffer *buffer, size_t len, u8 fill)
{
	unsigned int i;

	buffer->count = DIV_ROUND_UP(len, PAGE_SIZE);
	buffer->bytes = vmalloc(buffer->count * PAGE_SIZE);
	buffer->pages = kvcalloc(buffer->count, sizeof(*buffer->pages), GFP_KERNEL);
	if (!buffer->bytes || !buffer->pages) {
		buffer_free(buffer);
		return -ENOMEM;
	}
	memset(buffer->bytes, fill, buffer->count * PAGE_SIZE);
	for (i = 0; i < buffer->count; i++) {
		buffer->pages[i].bv_page = vmalloc_to_page(buffer->bytes + i * PAGE_SIZE);
		buffer->pages[i].bv_offset = 0;
		buffer->pages[i].bv_len = min_t(size_t, len - i * PAGE_SIZE, PAGE_SIZE);
	}
	return 0;
}

static void transfer_done(void *priv, ssize_t result, bool was_async)
{
	struct transfer *transfer = priv;

	transfer->result = result;
	complete(&transfer->done);
}

/* Runs of equal bytes: "aa*4096 00*8192". */
static void describe(const u8 *bytes, size_t len, char *reply, size_t room)
{
	unsigned int runs = 0;
	size_t at = 0, end;
	int used = 0;

	while (at < len && runs++ < MAX_RUNS) {
		for (end = at + 1; end < len && bytes[end] == bytes[at];)
			end++;
		used += scnprintf(reply + used, room - used, " %02x*%zu", bytes[at], end - at);
		at = end;
	}
	if (at < len)
		scnprintf(reply + used, room - used, " and more");
}

/* read N START LENGTH HOLES: 0 ignore, 1 clear, 2 fail. Bytes that are not read stay ee. */
int operation_read(struct command *cmd)
{
	struct operation *op = get_operation(cmd);
	struct transfer transfer = {};
	struct buffer buffer;
	struct iov_iter iter;
	u64 start, len, holes;
	int ret;

	if (!op || get_number(cmd, 2, &start) || get_number(cmd, 3, &len) ||
	    get_number(cmd, 4, &holes) || !len || len > MAX_LENGTH)
		return -EINVAL;
	ret = buffer_make(&buffer, len, 0xee);
	if (ret < 0)
		return ret;
	init_completion(&transfer.done);
	iov_iter_bvec(&iter, ITER_DEST, buffer.pages, buffer.count, len);
	fscache_read(resources(op), start, &iter, holes, transfer_done, &transfer);
	wait_for_completion(&transfer.done);
	ret = transfer.result;
	if (ret >= 0) {
		int used = scnprintf(cmd->reply, MAX_REPLY, "%d:", ret);

		describe(buffer.bytes, len, cmd->reply + used, MAX_REPLY - used);
	}
	buffer_free(&buffer);
	return ret;
}

/* write N START LENGTH FILL */
int operation_write(struct command *cmd)
{
	struct operation *op = get_operation(cmd);
	struct transfer transfer = {};
	struct buffer buffer;
	struct iov_iter iter;
	u64 start, len, fill;
	int ret;

	if (!op || get_number(cmd, 2, &start) || get_number(cmd, 3, &len) ||
	    get_number(cmd, 4, &fill) || !len || len > MAX_LENGTH)
		return -EINVAL;
	ret = buffer_make(&buffer, len, fill);
	if (ret < 0)
		return ret;
	init_completion(&transfer.done);
	iov_iter_bvec(&iter, ITER_SOURCE, buffer.pages, buffer.count, len);
	fscache_write(resources(op), start, &iter, transfer_done, &transfer);
	wait_for_completion(&transfer.done);
	ret = transfer.result;
	if (ret >= 0)
		snprintf(cmd->reply, MAX_REPLY, "%d", ret);
	buffer_free(&buffer);
	return ret;
}

static const char *source_name(enum netfs_io_source source)
{
	switch (source) {
	case NETFS_FILL_WITH_ZEROES:
		return "zero";
	case NETFS_DOWNLOAD_FROM_SERVER:
		return "download";
	case NETFS_READ_FROM_CACHE:
		return "cache";
	default:
		return "invalid";
	}
}

/* prepare_read N START LENGTH I_SIZE */
int operation_prepare_read(struct command *cmd)
{
	struct operation *op = get_operation(cmd);
	enum netfs_io_source source;
	u64 start, len, i_size;

	if (!op || get_number(cmd, 2, &start) || get_number(cmd, 3, &len) ||
	    get_number(cmd, 4, &i_size))
		return -EINVAL;
	op->part.start = start;
	op->part.len = len;
	op->part.flags = 0;
	source = resources(op)->ops->prepare_read(&op->part, i_size);
	return snprintf(cmd->reply, MAX_REPLY, "%s %llu%s", source_name(source),
			(unsigned long long)op->part.len,
			test_bit(NETFS_SREQ_COPY_TO_CACHE, &op->part.flags) ? " copy" : "");
}

/* prepare_write N START LENGTH I_SIZE NO_SPACE_ALLOCATED_YET */
int operation_prepare_write(struct command *cmd)
{
	struct operation *op = get_operation(cmd);
	u64 start, length, i_size, no_space;
	loff_t pos;
	size_t len;
	int ret;

	if (!op || get_number(cmd, 2, &start) || get_number(cmd, 3, &length) ||
	    get_number(cmd, 4, &i_size) || get_number(cmd, 5, &no_space))
		return -EINVAL;
	pos = start;
	len = length;
	ret = compat_prepare_write(resources(op), &pos, &len, i_size, no_space);
	if (ret < 0)
		return ret;
	return snprintf(cmd->reply, MAX_REPLY, "%lld+%zu", pos, len);
}

/* occupancy N START LENGTH GRANULARITY */
int operation_occupancy(struct command *cmd)
{
	struct operation *op = get_operation(cmd);
	u64 start, length, granularity;
	loff_t data_start = 0;
	size_t data_len = 0;
	int ret;

	if (!op || get_number(cmd, 2, &start) || get_number(cmd, 3, &length) ||
	    get_number(cmd, 4, &granularity))
		return -EINVAL;
	ret = resources(op)->ops->query_occupancy(resources(op), start, length, granularity,
						  &data_start, &data_len);
	if (ret < 0)
		return ret;
	return snprintf(cmd->reply, MAX_REPLY, "%lld+%zu", data_start, data_len);
}

void operations_clear(void)
{
	unsigned int i;

	for (i = 0; i < MAX_OPERATIONS; i++) {
		if (!operations[i])
			continue;
		fscache_end_operation(resources(operations[i]));
		kfree(operations[i]);
	}
}
