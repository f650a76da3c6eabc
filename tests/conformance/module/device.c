// SPDX-License-Identifier: GPL-2.0
/* The device file: commands in, replies out. */

#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "conformance.h"

static const struct {
	const char *name;
	int (*run)(struct command *cmd);
} verbs[] = {
	{ "volume_acquire", volume_acquire },
	{ "volume_relinquish", volume_relinquish },
	{ "cookie_acquire", cookie_acquire },
	{ "use", cookie_use },
	{ "unuse", cookie_unuse },
	{ "update", cookie_update },
	{ "resize", cookie_resize },
	{ "invalidate", cookie_invalidate },
	{ "relinquish", cookie_relinquish },
	{ "page_release", cookie_page_release },
	{ "show", cookie_show },
	{ "settle", settle },
	{ "begin", operation_begin },
	{ "read", operation_read },
	{ "write", operation_write },
	{ "prepare_read", operation_prepare_read },
	{ "prepare_write", operation_prepare_write },
	{ "occupancy", operation_occupancy },
	{ "end", operation_end },
};

int get_number(const struct command *cmd, unsigned int word, u64 *value)
{
	return word < cmd->count ? kstrtou64(cmd->word[word], 0, value) : -EINVAL;
}

int get_index(const struct command *cmd, unsigned int word, unsigned int limit, unsigned int *index)
{
	u64 value;

	if (get_number(cmd, word, &value) || value >= limit)
		return -EINVAL;
	*index = value;
	return 0;
}

int get_blob(const struct command *cmd, unsigned int word, struct blob *blob, bool *given)
{
	const char *text;

	if (word >= cmd->count)
		return -EINVAL;
	text = cmd->word[word];
	blob->len = 0;
	*given = strcmp(text, "none") != 0;
	if (!*given || strcmp(text, "-") == 0)
		return 0;
	blob->len = strlen(text) / 2;
	if (blob->len > MAX_BLOB)
		return -EINVAL;
	return hex2bin(blob->bytes, text, blob->len);
}

static int run(struct command *cmd)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(cmd->word[0], verbs[i].name) == 0)
			return verbs[i].run(cmd);
	return -ENOTTY;
}

static ssize_t device_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	struct command cmd = { .reply = file->private_data };
	char *line, *rest, *word;
	int ret;

	line = memdup_user_nul(buf, len);
	if (IS_ERR(line))
		return PTR_ERR(line);
	rest = line;
	while ((word = strsep(&rest, " \n")))
		if (*word && cmd.count < MAX_WORDS)
			cmd.word[cmd.count++] = word;
	cmd.reply[0] = '\0';
	ret = cmd.count ? run(&cmd) : -EINVAL;
	if (ret < 0)
		snprintf(cmd.reply, MAX_REPLY, "error %d", -ret);
	kfree(line);
	return len;
}

static ssize_t device_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	const char *reply = file->private_data;

	len = min(len, strlen(reply));
	return copy_to_user(buf, reply, len) ? -EFAULT : len;
}

static int device_open(struct inode *inode, struct file *file)
{
	file->private_data = kzalloc(MAX_REPLY, GFP_KERNEL);
	return file->private_data ? nonseekable_open(inode, file) : -ENOMEM;
}

static int device_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static const struct file_operations device_operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.write = device_write,
	.read = device_read,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cachefiles_conformance",
	.fops = &device_operations,
	.mode = 0600,
};

static int __init conformance_init(void)
{
	return misc_register(&device);
}

static void __exit conformance_exit(void)
{
	misc_deregister(&device);
	operations_clear();
	cookies_clear();
}

module_init(conformance_init);
module_exit(conformance_exit);
MODULE_DESCRIPTION("fscache's interface for network file systems as a device file, for tests");
MODULE_LICENSE("GPL");
