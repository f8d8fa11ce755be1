#!/bin/sh
# Builds an image by the last stage of Kubo's Dockerfile, which comes on standard input. No registry is asked: the images
# that this takes files from are made of what is on the box. Argument: its name.
set -eu
image=$1
work=$(mktemp -d)
cat > "$work/Dockerfile"
base=$(sed -n 's/^FROM //p' "$work/Dockerfile")
cd "$work"

mkdir -p base/bin base/etc
cp -L /bin/busybox base/bin
for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "base/bin/$applet"; done
ldd /usr/local/bin/ipfs /usr/bin/tini | sed -n 's/.*\s\(\/\S*\) (0x.*/\1/p' | sort -u | xargs cp -L --parents -t base
echo 'root:x:0:0:root:/root:/bin/sh' > base/etc/passwd
printf '%s\n' 'root:x:0:' 'users:x:100:' > base/etc/group
# Debian's busybox has none. As it is called there: -D -h HOME -u UID -G users NAME
rm -f base/bin/adduser
printf '%s\n' '#!/bin/sh' 'echo "$8:x:$5:100::$3:/bin/sh" >> /etc/passwd' > base/bin/adduser
chmod 755 base/bin/adduser

mkdir -p builder/kubo/bin builder/kubo/cmd/ipfs
cp /usr/local/bin/container_daemon /usr/local/bin/container_init_run builder/kubo/bin
chmod 755 builder/kubo/bin/*
cp /usr/local/bin/ipfs builder/kubo/cmd/ipfs

# Nothing is mounted, and nobody is asked over TLS.
mkdir -p utilities/usr/sbin utilities/usr/bin utilities/bin utilities/etc/ssl/certs
cp -L /usr/sbin/gosu utilities/usr/sbin
cp -L /usr/bin/tini utilities/usr/bin
touch utilities/bin/fusermount

tar -C base -c . | docker import - "$base"
for name in builder utilities; do tar -C "$name" -c . | docker import - "$name"; done
DOCKER_BUILDKIT=0 docker build --network none --tag "$image" - < Dockerfile
rm -r "$work"
