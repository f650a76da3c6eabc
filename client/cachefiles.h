/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CACHEFILES_H
#define CACHEFILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/*
 * libcachefiles: a local disk cache for network file systems in userspace, kept by cachefilesd(8).
 *
 * The words are fscache's. A file system acquires a volume (a server's export), in it a cookie for
 * each file that it knows, and uses the cookie while the file is open. Coherency data ("aux") tell
 * whether what the cache has is still what the server has; they must change with every change.
 *
 * Nothing here fails its caller: where there is no daemon, no cache, no room, the answer is to get
 * the data from the source (CACHEFILES_DOWNLOAD), and everything else succeeds without effect.
 * What was acquired is acquired again when the daemon is back: what is in use at once, the rest at
 * its next use. What changed while it was away is invalidated then. A volume or a cookie that is
 * NULL is no cache, too.
 *
 * Threads: every function may be called from any thread, but for one cookie or volume not at the
 * same time as its relinquish. Functions wait for the daemon (a round trip, sometimes its disk), at
 * most for the time-out; reading and planning what is present do not. A connection has a thread of
 * its own, in which no signal is handled. After fork() it is the parent's alone: the child may not
 * call anything with it, not even cachefiles_close(), and makes its own. Nothing raises SIGPIPE,
 * all descriptors are close-on-exec.
 *
 * Ownership: what is passed is copied before the function returns; what is given out belongs to the
 * library until it is relinquished or closed.
 *
 * Errors: 0 or more is success, a negative errno is failure. -EINVAL is a wrong argument, or a call
 * out of turn; -ENOMEM can come from everything that returns an int or a ssize_t.
 */

typedef struct cachefiles_connection cachefiles_connection;
typedef struct cachefiles_volume cachefiles_volume; /* owned by its connection until relinquished */
typedef struct cachefiles_cookie cachefiles_cookie; /* owned by its volume until relinquished */

/* --- connection ------------------------------------------------------------------------------ */

enum {
    /* There must be a daemon at this moment: -ENOENT, -ECONNREFUSED, -EACCES, -EAGAIN (too many
     * are waiting), -EPROTO (it speaks another version). Without it, it is looked for later. */
    CACHEFILES_CONNECT_NOW = 1,
};

/* `path`: of the socket; NULL is $CACHEFILESD_SOCKET or /run/cachefilesd/netfs. `name`: of the
 * program, for people; NULL is the name that it was started by. -ENAMETOOLONG: no socket can have
 * that path; -EMFILE, -ENFILE, -EAGAIN: no descriptor or thread is left. */
int cachefiles_connect(const char *path, const char *name, unsigned flags,
                       cachefiles_connection **connection);

/* Relinquishes what is still acquired, as cachefiles_relinquish_cookie() does. No other thread may
 * be in a function of this connection, or of what was acquired with it, or call one later. */
void cachefiles_close(cachefiles_connection *connection);

/* A daemon that takes longer to answer is taken for hung, and its connection given up. 30 s if never
 * called; not 0. */
int cachefiles_set_timeout(cachefiles_connection *connection, unsigned milliseconds);

/* 1: there is a daemon, 0: there is none at this moment. */
int cachefiles_online(cachefiles_connection *connection);

enum cachefiles_event_type {
    CACHEFILES_EVENT_ONLINE = 1,  /* the daemon, or a cache, is there (again) */
    CACHEFILES_EVENT_OFFLINE = 2, /* went away */
    CACHEFILES_EVENT_ENDED = 3,   /* a cookie's file was invalidated, withdrawn or lost, and not by
                                     this program nor by an OFFLINE daemon */
};

struct cachefiles_event {
    enum cachefiles_event_type type;
    cachefiles_cookie *cookie; /* ENDED; NULL if it has been relinquished meanwhile */
};

/* Readable while there are events. It is the connection's: not to be read or closed. Whoever does
 * not care for events need not ask for it. -EMFILE, -ENFILE. */
int cachefiles_event_fd(cachefiles_connection *connection);
/* 1: the next event; 0: there is none. The oldest are dropped when 1024 wait. */
int cachefiles_next_event(cachefiles_connection *connection, struct cachefiles_event *event);

/* --- volumes --------------------------------------------------------------------------------- */

/* `key`: 1 to 255 bytes. `cache`: its tag, or NULL for any. `coherency`: 0 to 255 bytes; a volume
 * on the disk with other data is dropped. -EBUSY: acquired already, -EACCES: another user's. */
int cachefiles_acquire_volume(cachefiles_connection *connection, const void *key, size_t key_length,
                              const char *cache, const void *coherency, size_t coherency_length,
                              cachefiles_volume **volume);

/* Its cookies are relinquished, if they have not been. `coherency` NULL: as it was. */
int cachefiles_relinquish_volume(cachefiles_volume *volume, const void *coherency,
                                 size_t coherency_length);

/* --- cookies --------------------------------------------------------------------------------- */

/* `key`: 1 to 255 bytes; `aux`: 0 to 255. -EEXIST: acquired already. */
int cachefiles_acquire_cookie(cachefiles_volume *volume, const void *key, size_t key_length,
                              const void *aux, size_t aux_length, uint64_t size,
                              cachefiles_cookie **cookie);

/* Not in use any more, also if it was. What is cached is dropped if `retire`, or if it was modified
 * or resized since the coherency data were told last: what is there is not what they say. */
void cachefiles_relinquish_cookie(cachefiles_cookie *cookie, int retire);

/* For whoever wants to keep a pointer with it. */
void cachefiles_set_data(cachefiles_cookie *cookie, void *data);
void *cachefiles_data(const cachefiles_cookie *cookie);

enum {
    CACHEFILES_MODIFY = 1, /* the file is going to be changed locally */
};

/* Before the first read or write; counted. Returns before the lookup on the disk is done. */
int cachefiles_use(cachefiles_cookie *cookie, unsigned flags);
/* After the last one nothing is read any more. `aux` and `size` NULL: as they were. -EINVAL: it is
 * not in use. */
int cachefiles_unuse(cachefiles_cookie *cookie, const void *aux, size_t aux_length,
                     const uint64_t *size);

/* New coherency data, or a new size, of the same content. */
int cachefiles_update(cachefiles_cookie *cookie, const void *aux, size_t aux_length,
                      const uint64_t *size);
/* The file was truncated or extended locally. -EINVAL: it is not in use. */
int cachefiles_resize(cachefiles_cookie *cookie, uint64_t size);

enum {
    CACHEFILES_DIRECT = 1, /* direct writes: nothing is cached until the last unuse */
};

/* The content has changed at the source: what is cached is void, also what is being read. `aux`
 * NULL: as it was. */
int cachefiles_invalidate(cachefiles_cookie *cookie, const void *aux, size_t aux_length,
                          uint64_t size, unsigned flags);

/* --- reading --------------------------------------------------------------------------------- */

enum cachefiles_source {
    CACHEFILES_ZERO = 0,     /* beyond the end */
    CACHEFILES_DOWNLOAD = 1, /* from the source; not to be stored */
    CACHEFILES_READ = 2,     /* cachefiles_read() has it */
    CACHEFILES_STORE = 4,    /* from the source, whole, and then cachefiles_store() */
};

struct cachefiles_plan {
    enum cachefiles_source source;
    uint64_t start;      /* STORE: at or before the start asked for */
    uint64_t length;     /* STORE: to the end of a block, or of the file */
    uint64_t generation; /* of the content, for cachefiles_store() */
    uint64_t changes;    /* of it by this program, likewise */
};

/* What to do with the beginning of a range; the rest is asked for again. Waits for the lookup the
 * first time; afterwards without a system call. Never fails: no cache is DOWNLOAD. */
void cachefiles_plan_read(cachefiles_cookie *cookie, uint64_t start, uint64_t length,
                     struct cachefiles_plan *plan);

/* Bytes read, from the cache alone; short at the end of the file. -ENODATA: not all of it is
 * there, or it was invalidated meanwhile, or nothing was planned yet: plan again. -EFAULT. One
 * system call. */
ssize_t cachefiles_read(cachefiles_cookie *cookie, void *buffer, size_t length, uint64_t start);

/* A descriptor of the file that has a range, for splice(2), sendfile(2) and the like: the caller's to
 * close, for reading only. The range is there as it is now, also when what is cached is invalidated,
 * culled or withdrawn afterwards; what this program modifies shows. If the range is the whole file,
 * the descriptor's file has its size as well, otherwise it may be longer. -ENODATA: not all of it
 * is cached, or the cookie is not in use; -EMFILE, -ENFILE. */
int cachefiles_descriptor(cachefiles_cookie *cookie, uint64_t start, uint64_t length);

/* --- writing --------------------------------------------------------------------------------- */

/* Stores what was downloaded after `plan` was made, as much of it as makes whole blocks (or reaches
 * the end of the file), is not there yet, and is not being stored by somebody else. Bytes stored;
 * 0: nothing was to be done, or there is no room. -ESTALE: the file was invalidated, modified or
 * resized since then: the data may be old, and are not stored. */
ssize_t cachefiles_store(cachefiles_cookie *cookie, const struct cachefiles_plan *plan,
                         const void *buffer, size_t length, uint64_t start);

/* Changes what is there, after the same change was made at the source; the new end of the file was
 * told by cachefiles_resize() before. The cookie is in use with CACHEFILES_MODIFY, else -EINVAL.
 * Bytes written; what is in no block that is present or filled is forgotten. Where less could be
 * written than was asked for, what is cached of the file is void, so that nobody finds the old. */
ssize_t cachefiles_modify(cachefiles_cookie *cookie, const void *buffer, size_t length,
                          uint64_t start);

/* For whoever has the data in a pipe, or in pieces: room for a write, the descriptor to write to
 * (the library's: valid until the commit, and only for that range), and the end of it. */
struct cachefiles_grant {
    uint64_t id;
    uint64_t start;
    uint64_t length;
    int fd;
};
/* `plan`: the one that the data were downloaded after, and all of the grant is to be written, which
 * is of whole blocks that nobody else has a grant of; NULL: a modification, as in
 * cachefiles_modify(). 1: granted, it may begin before `start`, and be longer or shorter; 0: nothing
 * is to be written (there is no cache or no room, it is there, or being stored by somebody else);
 * -ESTALE as in cachefiles_store(). */
int cachefiles_prepare_write(cachefiles_cookie *cookie, const struct cachefiles_plan *plan,
                             uint64_t start, uint64_t length, struct cachefiles_grant *grant);
/* Every grant ends so. What was written of it, length 0: nothing. 0: what makes whole blocks is
 * there (or there is no cache any more); -ESTALE: the file was invalidated meanwhile. */
int cachefiles_commit_write(cachefiles_cookie *cookie, const struct cachefiles_grant *grant,
                            uint64_t start, uint64_t length);

/* --- all in one ------------------------------------------------------------------------------ */

/* Reads a range of the source into `buffer`: bytes, 0 at the end, or a negative errno. Called in
 * the thread of cachefiles_read_through(), for more than what was asked there; it must not read the
 * same cookie through the cache. */
typedef ssize_t cachefiles_fetch(void *context, void *buffer, size_t length, uint64_t start);

/* Reads through the cache: from it where it has the data, else by `fetch`, storing what comes: whole
 * blocks, each got by one thread while others that want it wait. Bytes; a negative errno is of
 * `fetch`. */
ssize_t cachefiles_read_through(cachefiles_cookie *cookie, void *buffer, size_t length,
                                uint64_t start, cachefiles_fetch *fetch, void *context);

/* How much of a range is cached: the first run of it. 1: there is one, 0: there is none. The cookie
 * is in use. */
int cachefiles_occupancy(cachefiles_cookie *cookie, uint64_t start, uint64_t length,
                         uint64_t *data_start, uint64_t *data_length);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
