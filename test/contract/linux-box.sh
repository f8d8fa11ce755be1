#!/bin/sh
# Makes this process the first one of a Linux box: the file system as it is, but what is written goes to memory, and
# nothing else of the machine can be changed. Runs in namespaces of its own, see `linux-box.ts`.
# Arguments: a folder of programs for the box, which is hidden meanwhile; a folder of packages that it has, or nothing;
# the command that is to be its first process.
set -eu
programs=$1
packages=$2
shift 2

mount --make-rprivate /
kept=$programs/kept
mkdir "$kept"
mount -t tmpfs tmpfs "$kept"
mkdir "$kept/upper" "$kept/work" "$kept/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$kept/upper,workdir=$kept/work" "$kept/root"
for program in "$programs"/*; do
  if [ -f "$program" ]; then cp "$program" "$kept/root/usr/local/bin/"; fi
done
cd "$kept/root"
mount -t proc proc proc
mount --bind proc/sys proc/sys
# Of the box's own network.
mount --bind proc/sys/net proc/sys/net
mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs dev
for device in null zero full random urandom tty; do
  touch "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mkdir -p old opt/debian
if [ -n "$packages" ]; then mount -o bind,ro "$packages" opt/debian; fi
pivot_root . old
cd /
umount -l /old
if [ -n "$packages" ]; then
  cp -asf /opt/debian/usr/. /usr/
  cp -asf /opt/debian/etc/. /etc/
fi
ip link set lo up

exec setpriv --bounding-set -sys_boot,-sys_module,-sys_rawio,-sys_time,-syslog \
  env -i container=other PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
