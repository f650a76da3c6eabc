-- SPDX-License-Identifier: GPL-2.0-or-later
-- The index of one cache. A change here raises `schema_version` in schema.hpp; a database of any
-- other version is moved aside and built anew from the cache, so there are no migrations.

CREATE TABLE volumes(
    id         INTEGER PRIMARY KEY,  -- 1 .. 2^20-1, see ids.hpp
    key        BLOB NOT NULL UNIQUE, -- any bytes; the directory's name without its leading 'I'
    objects    INTEGER NOT NULL,     -- totals over `objects`, written in the transaction that
    bytes      INTEGER NOT NULL,     -- changed the rows, so that both agree after a crash
    in_use     INTEGER NOT NULL,
    newest_use INTEGER NOT NULL      -- an upper bound: deleting the newest object does not lower it
);

CREATE TABLE pins(
    key BLOB PRIMARY KEY             -- of a volume, there or not: one made anew has its pin again
) WITHOUT ROWID;

-- By far the largest table. The name comes last so that deleting and sorting need not decode it.
-- No NOT NULL: only one statement inserts, and it would be checked for every row.
CREATE TABLE objects(
    id    INTEGER PRIMARY KEY,       -- volume | fan-out | hash of the name: ids.hpp, name_hash.hpp
    rank  INTEGER,                   -- seconds since the epoch, + 2^40 while in use: rank.hpp
    bytes INTEGER,                   -- disk space; exact, as it is added to the totals
    name  BLOB                       -- any bytes but '/' and NUL; not indexed, the id is its hash
);

-- The order of culling, objects(rank, bytes DESC, id), is not made here: recency_order.cpp drops and
-- makes it around a bulk load, and makes it when it finds it missing after one that was cut short.

CREATE TABLE directories(
    id        INTEGER PRIMARY KEY,   -- DirectoryId::packed()
    mark      INTEGER,               -- mtime in ns at which the rows were what is there; NULL: stale
    unchecked INTEGER                -- when its check was asked for, as a running number; NULL: not
);
CREATE INDEX unchecked_order ON directories(unchecked) WHERE unchecked IS NOT NULL;

CREATE TABLE maps(
    object INTEGER,
    map_no INTEGER,                  -- which GiB of the object
    content INTEGER NOT NULL,        -- id of the file's content: rows of another one do not count
    bits   BLOB NOT NULL,            -- ContentMap::stored(): never empty, at most 512 bytes
    PRIMARY KEY(object, map_no)
) WITHOUT ROWID;

CREATE TABLE facts(
    name  TEXT PRIMARY KEY,          -- names with a leading '.' belong to the index itself
    value BLOB NOT NULL
) WITHOUT ROWID;
