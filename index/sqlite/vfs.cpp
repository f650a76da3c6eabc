// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/sqlite/vfs.hpp"

#include "index/sqlite/error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <unistd.h>

#include <atomic>
#include <new>

namespace cachefiles::index::sqlite {
namespace {

/// What SQLite allocates per open file: ours, and behind it the one of the system's layer.
struct File {
    sqlite3_file base;
    const Vfs::Hooks* hooks;
    [[nodiscard]] sqlite3_file* real() {
        return std::launder(reinterpret_cast<sqlite3_file*>(this + 1));
    }
};

File& ours(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
    return ours(file).real();
}

int fault(sqlite3_file* file) {
    const Vfs::Hooks& hooks = *ours(file).hooks;
    return hooks.fault ? hooks.fault() : SQLITE_OK;
}

int close_file(sqlite3_file* file) {
    return real(file)->pMethods->xClose(real(file));
}
int read_file(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
    return real(file)->pMethods->xRead(real(file), to, amount, offset);
}
int write_file(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
    for (int attempt = 0;; ++attempt) {
        int result = fault(file);
        if (result == SQLITE_OK)
            result = real(file)->pMethods->xWrite(real(file), from, amount, offset);
        const Vfs::Hooks& hooks = *ours(file).hooks;
        if (result != SQLITE_FULL || attempt > 0 || !hooks.make_room || !hooks.make_room())
            return result;
    }
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    return real(file)->pMethods->xTruncate(real(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
    const int result = fault(file);
    if (result != SQLITE_OK || !ours(file).hooks->sync)
        return result;
    return real(file)->pMethods->xSync(real(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return real(file)->pMethods->xFileSize(real(file), size);
}
int lock_file(sqlite3_file* file, int level) {
    return real(file)->pMethods->xLock(real(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
    return real(file)->pMethods->xUnlock(real(file), level);
}
int check_lock(sqlite3_file* file, int* held) {
    return real(file)->pMethods->xCheckReservedLock(real(file), held);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
    return real(file)->pMethods->xSectorSize(real(file));
}
int device_characteristics(sqlite3_file* file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
// The shared memory of a WAL; not called in exclusive locking mode, but SQLite asks whether it is
// there before it agrees to WAL in any other.
int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** to) {
    return real(file)->pMethods->xShmMap(real(file), page, size, extend, to);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void barrier_shared(sqlite3_file* file) {
    real(file)->pMethods->xShmBarrier(real(file));
}
int unmap_shared(sqlite3_file* file, int remove) {
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}

constexpr sqlite3_io_methods methods{2,
                                     close_file,
                                     read_file,
                                     write_file,
                                     truncate_file,
                                     sync_file,
                                     file_size,
                                     lock_file,
                                     unlock_file,
                                     check_lock,
                                     file_control,
                                     sector_size,
                                     device_characteristics,
                                     map_shared,
                                     lock_shared,
                                     barrier_shared,
                                     unmap_shared,
                                     nullptr,
                                     nullptr};

} // namespace

/// A copy of the system's layer with its own name, size and xOpen; everything else is its own.
struct Vfs::Registration {
    sqlite3_vfs vfs;
    sqlite3_vfs* system;
    const Hooks* hooks;

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
        const auto& self = *reinterpret_cast<const Registration*>(vfs);
        File& opened = *new (file) File{{nullptr}, self.hooks};
        if (name == nullptr && !self.hooks->temporary.empty()) {
            name = self.hooks->temporary.c_str();
            ::unlink(name); // one that a crash left
        }
        const int result = self.system->xOpen(self.system, name, opened.real(), flags, out);
        if (opened.real()->pMethods != nullptr) // to be closed, whatever the result
            opened.base.pMethods = &methods;
        return result;
    }
};

Vfs::Vfs(Hooks hooks) : hooks_(std::move(hooks)) {
    static std::atomic<unsigned> number{0};
    name_ = fmt::format("cachefiles-{}", number++);
    sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
    if (system == nullptr)
        throw SqliteError(name_, SQLITE_ERROR, "SQLite has no file layer");
    registration_ = std::make_unique<Registration>(Registration{*system, system, &hooks_});
    sqlite3_vfs& vfs = registration_->vfs;
    vfs.zName = name_.c_str();
    vfs.szOsFile = static_cast<int>(sizeof(File)) + system->szOsFile;
    vfs.pNext = nullptr;
    vfs.xOpen = Registration::open;
    const int result = sqlite3_vfs_register(&vfs, 0);
    if (result != SQLITE_OK)
        throw SqliteError(nullptr, name_, result, {});
}

Vfs::~Vfs() {
    sqlite3_vfs_unregister(&registration_->vfs);
}

} // namespace cachefiles::index::sqlite
