// SPDX-License-Identifier: GPL-2.0
/* Volumes and cookies. */

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "conformance.h"

#define MAX_VOLUMES 64
#define MAX_COOKIES 512

static struct fscache_volume *volumes[MAX_VOLUMES];
static struct fscache_cookie *cookies[MAX_COOKIES];
static unsigned int uses[MAX_COOKIES];

struct fscache_cookie *conformance_cookie(unsigned int index)
{
	return index < MAX_COOKIES ? cookies[index] : NULL;
}

static int get_cookie(const struct command *cmd, unsigned int *index)
{
	if (get_index(cmd, 1, MAX_COOKIES, index))
		return -EINVAL;
	return cookies[*index] ? 0 : -EINVAL;
}

/* volume_acquire N KEY COHERENCY CACHE: the key in hex; CACHE "-" is any. */
int volume_acquire(struct command *cmd)
{
	struct fscache_volume *volume;
	struct blob *key, *coherency;
	const char *cache;
	unsigned int index;
	bool given;
	int ret = -EINVAL;

	key = kzalloc(sizeof(*key), GFP_KERNEL);
	coherency = kzalloc(sizeof(*coherency), GFP_KERNEL);
	if (!key || !coherency) {
		ret = -ENOMEM;
		goto out;
	}
	if (cmd->count != 5 || get_index(cmd, 1, MAX_VOLUMES, &index) || volumes[index] ||
	    get_blob(cmd, 2, key, &given) || key->len >= MAX_BLOB ||
	    get_blob(cmd, 3, coherency, &given))
		goto out;
	key->bytes[key->len] = '\0';
	cache = strcmp(cmd->word[4], "-") ? cmd->word[4] : NULL;
	volume = fscache_acquire_volume((const char *)key->bytes, cache, coherency->bytes,
					coherency->len);
	if (IS_ERR(volume)) {
		ret = PTR_ERR(volume);
		goto out;
	}
	volumes[index] = volume;
	ret = snprintf(cmd->reply, MAX_REPLY, "id %u", volume ? volume->debug_id : 0);
out:
	kfree(key);
	kfree(coherency);
	return ret;
}

/* volume_relinquish N COHERENCY INVALIDATE. fscache reads as many bytes as were given at first. */
int volume_relinquish(struct command *cmd)
{
	struct blob *coherency;
	unsigned int index;
	u64 invalidate;
	bool given;
	int ret = -EINVAL;

	coherency = kzalloc(sizeof(*coherency), GFP_KERNEL);
	if (!coherency)
		return -ENOMEM;
	if (cmd->count == 4 && !get_index(cmd, 1, MAX_VOLUMES, &index) && volumes[index] &&
	    !get_blob(cmd, 2, coherency, &given) && !get_number(cmd, 3, &invalidate)) {
		struct fscache_volume *volume = volumes[index];

		volumes[index] = NULL;
		fscache_relinquish_volume(volume, given ? coherency->bytes : NULL, invalidate);
		ret = snprintf(cmd->reply, MAX_REPLY, "ok");
	}
	kfree(coherency);
	return ret;
}

/* cookie_acquire N VOLUME ADVICE KEY AUX SIZE */
int cookie_acquire(struct command *cmd)
{
	struct fscache_cookie *cookie;
	struct blob *key, *aux;
	unsigned int index, volume;
	u64 advice, size;
	bool given;
	int ret = -EINVAL;

	key = kzalloc(sizeof(*key), GFP_KERNEL);
	aux = kzalloc(sizeof(*aux), GFP_KERNEL);
	if (!key || !aux) {
		ret = -ENOMEM;
		goto out;
	}
	if (cmd->count != 7 || get_index(cmd, 1, MAX_COOKIES, &index) || cookies[index] ||
	    get_index(cmd, 2, MAX_VOLUMES, &volume) || get_number(cmd, 3, &advice) ||
	    get_blob(cmd, 4, key, &given) || get_blob(cmd, 5, aux, &given) ||
	    get_number(cmd, 6, &size))
		goto out;
	cookie = fscache_acquire_cookie(volumes[volume], advice, key->bytes, key->len, aux->bytes,
					aux->len, size);
	cookies[index] = cookie;
	uses[index] = 0;
	if (cookie)
		ret = snprintf(cmd->reply, MAX_REPLY, "id %u", cookie->debug_id);
	else
		ret = snprintf(cmd->reply, MAX_REPLY, "null");
out:
	kfree(key);
	kfree(aux);
	return ret;
}

/* use N WILL_MODIFY */
int cookie_use(struct command *cmd)
{
	unsigned int index;
	u64 modify;

	if (get_cookie(cmd, &index) || get_number(cmd, 2, &modify))
		return -EINVAL;
	fscache_use_cookie(cookies[index], modify);
	uses[index]++;
	return snprintf(cmd->reply, MAX_REPLY, "ok");
}

typedef void (*contents_fn)(struct fscache_cookie *cookie, const void *aux, const loff_t *size);

/* VERB N AUX SIZE: either may be "none". */
static int with_contents(struct command *cmd, contents_fn call)
{
	struct blob *aux;
	unsigned int index;
	bool aux_given, size_given;
	u64 size = 0;
	int ret = -EINVAL;

	if (cmd->count != 4 || get_cookie(cmd, &index))
		return -EINVAL;
	aux = kzalloc(sizeof(*aux), GFP_KERNEL);
	if (!aux)
		return -ENOMEM;
	size_given = strcmp(cmd->word[3], "none") != 0;
	if (!get_blob(cmd, 2, aux, &aux_given) && (!size_given || !get_number(cmd, 3, &size))) {
		loff_t i_size = size;

		call(cookies[index], aux_given ? aux->bytes : NULL, size_given ? &i_size : NULL);
		ret = snprintf(cmd->reply, MAX_REPLY, "ok");
	}
	kfree(aux);
	return ret;
}

static void unuse(struct fscache_cookie *cookie, const void *aux, const loff_t *size)
{
	fscache_unuse_cookie(cookie, aux, size);
}

static void update(struct fscache_cookie *cookie, const void *aux, const loff_t *size)
{
	fscache_update_cookie(cookie, aux, size);
}

int cookie_unuse(struct command *cmd)
{
	unsigned int index;

	if (get_cookie(cmd, &index) || !uses[index])
		return -EINVAL;
	uses[index]--;
	return with_contents(cmd, unuse);
}

int cookie_update(struct command *cmd)
{
	return with_contents(cmd, update);
}

/* resize N SIZE */
int cookie_resize(struct command *cmd)
{
	unsigned int index;
	u64 size;

	if (get_cookie(cmd, &index) || get_number(cmd, 2, &size))
		return -EINVAL;
	fscache_resize_cookie(cookies[index], size);
	return snprintf(cmd->reply, MAX_REPLY, "ok");
}

/* invalidate N AUX SIZE FLAGS */
int cookie_invalidate(struct command *cmd)
{
	struct blob *aux;
	unsigned int index;
	u64 size, flags;
	bool given;
	int ret = -EINVAL;

	if (cmd->count != 5 || get_cookie(cmd, &index))
		return -EINVAL;
	aux = kzalloc(sizeof(*aux), GFP_KERNEL);
	if (!aux)
		return -ENOMEM;
	if (!get_blob(cmd, 2, aux, &given) && !get_number(cmd, 3, &size) &&
	    !get_number(cmd, 4, &flags)) {
		fscache_invalidate(cookies[index], given ? aux->bytes : NULL, size, flags);
		ret = snprintf(cmd->reply, MAX_REPLY, "ok");
	}
	kfree(aux);
	return ret;
}

/* relinquish N RETIRE. fscache asserts that it is not in use. */
int cookie_relinquish(struct command *cmd)
{
	struct fscache_cookie *cookie;
	unsigned int index;
	u64 retire;

	if (get_cookie(cmd, &index) || get_number(cmd, 2, &retire))
		return -EINVAL;
	if (uses[index])
		return -EBUSY;
	cookie = cookies[index];
	cookies[index] = NULL;
	fscache_relinquish_cookie(cookie, retire);
	return snprintf(cmd->reply, MAX_REPLY, "ok");
}

int cookie_page_release(struct command *cmd)
{
	unsigned int index;

	if (get_cookie(cmd, &index))
		return -EINVAL;
	fscache_note_page_release(cookies[index]);
	return snprintf(cmd->reply, MAX_REPLY, "ok");
}

/* What /proc does not show. */
int cookie_show(struct command *cmd)
{
	struct fscache_cookie *cookie;
	unsigned int index;

	if (get_cookie(cmd, &index))
		return -EINVAL;
	cookie = cookies[index];
	return snprintf(cmd->reply, MAX_REPLY, "size=%llu invalidations=%u enabled=%u",
			cookie->object_size, cookie->inval_counter,
			fscache_cookie_enabled(cookie));
}

/* Until fscache has nothing to do any more: volumes are made, workers have run. */
int settle(struct command *cmd)
{
	unsigned int round, i;

	/* A worker may queue another, of a cookie that waited for it. */
	for (round = 0; round < 3; round++) {
		for (i = 0; i < MAX_VOLUMES; i++)
			if (!IS_ERR_OR_NULL(volumes[i]))
				flush_work(&volumes[i]->work);
		flush_workqueue(fscache_wq);
	}
	return snprintf(cmd->reply, MAX_REPLY, "ok");
}

void cookies_clear(void)
{
	unsigned int i;

	for (i = 0; i < MAX_COOKIES; i++) {
		if (!cookies[i])
			continue;
		while (uses[i]--)
			fscache_unuse_cookie(cookies[i], NULL, NULL);
		fscache_relinquish_cookie(cookies[i], false);
	}
	for (i = 0; i < MAX_VOLUMES; i++)
		fscache_relinquish_volume(volumes[i], NULL, false);
	flush_workqueue(fscache_wq);
}
