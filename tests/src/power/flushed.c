/* Notes what a program has flushed to the disk, so that a test can take everything else away again.
 *
 * Loaded into a program with LD_PRELOAD. After each successful fsync or fdatasync of a file below
 * FREEHOLD_POWER_DATA its contents are copied to FREEHOLD_POWER_NOTES/files, those of a directory (its
 * names) to FREEHOLD_POWER_NOTES/names. Before the call returns: what is acknowledged after a flush is there.
 * sync_file_range is no flush: it keeps neither the length of a file nor the disk's own cache.
 *
 * Both are called by the identity of the file, inode and time of birth, because names are flushed
 * separately from contents. A note that cannot be written ends the program: a test must not pass by it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t alone = PTHREAD_MUTEX_INITIALIZER;

static void fail(const char *what) {
    perror(what);
    abort();
}

static void identity(int fd, const char *name, int flags, char *out, size_t length) {
    struct statx found;
    if (statx(fd, name, flags | AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &found) != 0)
        found = (struct statx){0};
    snprintf(out, length, "%llu-%lld.%09u", (unsigned long long)found.stx_ino,
             (long long)found.stx_btime.tv_sec, found.stx_btime.tv_nsec);
}

static void copy(int fd, int to) {
    static char buffer[1 << 20];
    off_t at = 0;
    for (;;) {
        ssize_t count = pread(fd, buffer, sizeof buffer, at);
        if (count < 0)
            fail("power: read");
        if (count == 0)
            return;
        if (write(to, buffer, (size_t)count) != count)
            fail("power: write");
        at += count;
    }
}

static void list(int fd, int to) {
    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = again < 0 ? NULL : fdopendir(again);
    if (directory == NULL)
        fail("power: list");
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        struct stat found;
        char id[64];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (fstatat(fd, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode))
            continue;
        identity(fd, entry->d_name, 0, id, sizeof id);
        dprintf(to, "%c %s %s\n", S_ISDIR(found.st_mode) ? 'd' : 'f', id, entry->d_name);
    }
    closedir(directory);
}

static void note(int fd) {
    const char *data = getenv("FREEHOLD_POWER_DATA"), *notes = getenv("FREEHOLD_POWER_NOTES");
    char link[64], path[PATH_MAX], id[64], new[PATH_MAX], final[PATH_MAX];
    struct stat found;
    if (data == NULL || notes == NULL || fstat(fd, &found) != 0)
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return;
    path[length] = 0;
    if (strncmp(path, data, strlen(data)) != 0)
        return;
    int is_directory = S_ISDIR(found.st_mode);
    identity(fd, "", AT_EMPTY_PATH, id, sizeof id);
    snprintf(final, sizeof final, "%s/%s/%s", notes, is_directory ? "names" : "files", id);
    snprintf(new, sizeof new, "%s/new", notes);
    pthread_mutex_lock(&alone);
    int to = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    /* The file may be open for writing only. */
    int from = is_directory ? fd : open(link, O_RDONLY | O_CLOEXEC);
    if (to < 0 || from < 0)
        fail("power: open");
    if (is_directory)
        list(fd, to);
    else
        copy(from, to);
    if (!is_directory)
        close(from);
    close(to);
    if (rename(new, final) != 0)
        fail("power: rename");
    pthread_mutex_unlock(&alone);
}

int fsync(int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int result = real(fd);
    if (result == 0)
        note(fd);
    return result;
}

int fdatasync(int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int result = real(fd);
    if (result == 0)
        note(fd);
    return result;
}
