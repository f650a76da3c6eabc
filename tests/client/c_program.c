/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every function from C99, without a daemon: c_program PATH, where there is no socket. */
#include "cachefiles.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int failures;

static void check(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "not so: %s\n", what);
        ++failures;
    }
}
#define CHECK(condition) check(condition, #condition)

static ssize_t fetch(void *context, void *buffer, size_t length, uint64_t start)
{
    (void)context;
    (void)start;
    memset(buffer, 'x', length);
    return (ssize_t)length;
}

static void use_cookie(cachefiles_cookie *cookie)
{
    char buffer[100];
    struct cachefiles_plan plan;
    struct cachefiles_grant grant;
    uint64_t start;
    uint64_t length;
    uint64_t size = 5000;

    cachefiles_set_data(cookie, buffer);
    CHECK(cachefiles_data(cookie) == buffer);
    CHECK(cachefiles_use(cookie, CACHEFILES_MODIFY) == 0);
    cachefiles_plan_read(cookie, 10, sizeof buffer, &plan);
    CHECK(plan.source == CACHEFILES_DOWNLOAD);
    CHECK(plan.start == 10 && plan.length == sizeof buffer);
    CHECK(cachefiles_read(cookie, buffer, sizeof buffer, 0) == -ENODATA);
    CHECK(cachefiles_read_through(cookie, buffer, sizeof buffer, 0, fetch, NULL) == 100);
    CHECK(buffer[99] == 'x');
    CHECK(cachefiles_store(cookie, &plan, buffer, sizeof buffer, 0) == 0);
    CHECK(cachefiles_modify(cookie, buffer, sizeof buffer, 0) == 0);
    CHECK(cachefiles_prepare_write(cookie, &plan, 0, sizeof buffer, &grant) == 0);
    CHECK(cachefiles_commit_write(cookie, &grant, 0, 0) == -EINVAL);
    CHECK(cachefiles_descriptor(cookie, 0, 5000) == -ENODATA);
    CHECK(cachefiles_occupancy(cookie, 0, 5000, &start, &length) == 0);
    CHECK(cachefiles_update(cookie, "b", 1, &size) == 0);
    CHECK(cachefiles_resize(cookie, 4000) == 0);
    CHECK(cachefiles_invalidate(cookie, "c", 1, 4000, CACHEFILES_DIRECT) == 0);
    CHECK(cachefiles_unuse(cookie, NULL, 0, NULL) == 0);
    cachefiles_relinquish_cookie(cookie, 1);
}

int main(int argc, char **argv)
{
    cachefiles_connection *connection = NULL;
    cachefiles_volume *volume = NULL;
    cachefiles_cookie *cookie = NULL;
    struct cachefiles_event event;

    if (argc != 2)
        return 2;
    CHECK(cachefiles_connect(argv[1], "test", CACHEFILES_CONNECT_NOW, &connection) == -ENOENT);
    CHECK(cachefiles_connect(argv[1], "test", 0, &connection) == 0);
    CHECK(cachefiles_set_timeout(connection, 1000) == 0);
    CHECK(cachefiles_online(connection) == 0);
    CHECK(cachefiles_event_fd(connection) >= 0);
    CHECK(cachefiles_next_event(connection, &event) == 0);
    CHECK(cachefiles_acquire_volume(connection, "v", 1, NULL, NULL, 0, &volume) == 0);
    CHECK(cachefiles_acquire_cookie(volume, "k", 1, "a", 1, 5000, &cookie) == 0);
    use_cookie(cookie);
    CHECK(cachefiles_relinquish_volume(volume, NULL, 0) == 0);
    cachefiles_close(connection);
    return failures == 0 ? 0 : 1;
}
