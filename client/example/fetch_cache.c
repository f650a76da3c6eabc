/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fetches files from a slow source through the cache:
 *
 *     fetch_cache DIRECTORY FILE...
 *
 * The source is a directory, and each request of it takes 5 ms: an HTTP server is not unlike that.
 * What changes there is fetched again, by the file's size and time, as by an ETag. Each file is
 * read twice, and for each time is told how long that took, and how much of it the source gave. */
#define _POSIX_C_SOURCE 200809L
#include <cachefiles.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct source {
    int fd;
    uint64_t fetched; /* bytes */
};

/* A request of the source: a cachefiles_fetch. */
static ssize_t fetch(void *context, void *buffer, size_t length, uint64_t start)
{
    static const struct timespec latency = {0, 5000000};
    struct source *source = context;
    ssize_t count;

    nanosleep(&latency, NULL);
    count = pread(source->fd, buffer, length, (off_t)start);
    if (count < 0)
        return -errno;
    source->fetched += (uint64_t)count;
    return count;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* All of the file, in pieces as a program reads; a sum of its bytes, to have something of them. */
static int read_file(cachefiles_cookie *cookie, struct source *source, const char *name)
{
    static unsigned char buffer[65536];
    const double begin = now();
    uint64_t at = 0;
    unsigned sum = 0;
    ssize_t count;
    ssize_t i;

    source->fetched = 0;
    while ((count = cachefiles_read_through(cookie, buffer, sizeof buffer, at, fetch, source)) > 0) {
        for (i = 0; i < count; ++i)
            sum = sum * 31 + buffer[i];
        at += (uint64_t)count;
    }
    if (count < 0) {
        fprintf(stderr, "%s: %s\n", name, strerror((int)-count));
        return 1;
    }
    printf("%s: %" PRIu64 " bytes (%08x), %" PRIu64 " of them fetched, %.1f ms\n", name, at, sum,
           source->fetched, now() - begin);
    return 0;
}

static int read_twice(cachefiles_volume *volume, int directory, const char *name)
{
    struct source source = {-1, 0};
    struct stat status;
    struct {
        int64_t size, seconds, nanoseconds;
    } aux;
    cachefiles_cookie *cookie = NULL;
    int failed;

    source.fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (source.fd < 0 || fstat(source.fd, &status) != 0) {
        perror(name);
        if (source.fd >= 0)
            close(source.fd);
        return 1;
    }
    /* What tells one content from the next; there is no cache if the cookie cannot be had. */
    aux.size = status.st_size;
    aux.seconds = status.st_mtim.tv_sec;
    aux.nanoseconds = status.st_mtim.tv_nsec;
    cachefiles_acquire_cookie(volume, name, strlen(name), &aux, sizeof aux,
                              (uint64_t)status.st_size, &cookie);
    cachefiles_use(cookie, 0);
    failed = read_file(cookie, &source, name) || read_file(cookie, &source, name);
    cachefiles_unuse(cookie, NULL, 0, NULL);
    cachefiles_relinquish_cookie(cookie, 0);
    close(source.fd);
    return failed;
}

int main(int argc, char **argv)
{
    cachefiles_connection *connection = NULL;
    cachefiles_volume *volume = NULL;
    int directory;
    int failed = 0;
    int error;
    int i;

    if (argc < 3) {
        fprintf(stderr, "usage: %s DIRECTORY FILE...\n", argv[0]);
        return 2;
    }
    directory = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        perror(argv[1]);
        return 1;
    }
    /* A daemon that is not there is no reason to fail: then everything is fetched. */
    error = cachefiles_connect(NULL, NULL, 0, &connection);
    if (error == 0)
        error = cachefiles_acquire_volume(connection, argv[1], strlen(argv[1]), NULL, NULL, 0,
                                          &volume);
    if (error != 0)
        fprintf(stderr, "no cache: %s\n", strerror(-error));
    else if (cachefiles_online(connection) == 0)
        fprintf(stderr, "no cache: there is no daemon\n");

    for (i = 2; i < argc; ++i)
        failed |= read_twice(volume, directory, argv[i]);

    cachefiles_relinquish_volume(volume, NULL, 0);
    cachefiles_close(connection);
    close(directory);
    return failed;
}
