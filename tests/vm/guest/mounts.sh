# SPDX-License-Identifier: GPL-2.0-or-later
# Servers and cached mounts. /share is the 9P server's side, /export the NFS server's.

EXPORT_DISK=/dev/vdb
P9_OPTIONS=trans=virtio,version=9p2000.L,msize=262144

# start_9p_server: the host is the server; this gives its folder an uncached view on /share.
start_9p_server() { mount -t 9p -o $P9_OPTIONS share /share; }

# mount_9p [DIRECTORY [CACHETAG [DEVICE]]]: a cached mount of it. Each of the devices cached0 and
# cached1 serves one mount at a time.
mount_9p() {
    mkdir -p "${1:-/mnt/9p}"
    mount -t 9p -o "$P9_OPTIONS,cache=fscache,cachetag=${2:-vm}" "${3:-cached0}" "${1:-/mnt/9p}"
}

# start_nfs_server: exports an empty ext4 on /export.
start_nfs_server() {
    mkfs.ext4 -q -F $EXPORT_DISK
    mount -t ext4 $EXPORT_DISK /export
    modprobe nfsd
    mount -t nfsd nfsd /proc/fs/nfsd
    touch /etc/exports /var/lib/nfs/etab /var/lib/nfs/rmtab
    rpcbind
    exportfs -o rw,no_root_squash,insecure,no_subtree_check,fsid=1 127.0.0.1:/export
    rpc.mountd
    rpc.nfsd 4
    # No client of an earlier boot can want its locks back: do not keep new ones waiting.
    echo Y >/proc/fs/nfsd/v4_end_grace
}

# mount_nfs 3|4.2 [DIRECTORY [OPTIONS]]: a cached mount of /export.
mount_nfs() {
    _nfs_options=fsc,vers=$1,proto=tcp,${3:-}
    [ "$1" != 3 ] || _nfs_options=$_nfs_options,nolock
    mkdir -p "${2:-/mnt/nfs}"
    mount.nfs 127.0.0.1:/export "${2:-/mnt/nfs}" -o "$_nfs_options"
}

# unmount DIRECTORY: its objects are let go of, which ends some time after this returns.
unmount() {
    wait_until "umount $1 2>/dev/null" "$1 can be unmounted"
}

# make_files DIRECTORY COUNT KIBIBYTES: random contents, named f1, f2, ...
make_files() {
    for _number in $(seq "$2"); do
        dd if=/dev/urandom of="$1/f$_number" bs="$3k" count=1 2>/dev/null
    done
    sync
}

drop_caches() {
    sync
    echo 3 >/proc/sys/vm/drop_caches
}
