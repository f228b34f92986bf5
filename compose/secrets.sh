#!/bin/sh
# A password a role, and one for the administrator, drawn once into compose/secrets/, a folder that this user alone enters.
set -eu
folder=$(dirname "$0")/secrets
umask 077
mkdir -p "$folder"
for role in administrator owner consumer stream reader; do
    file=$folder/${role}_password
    [ -s "$file" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' > "$file"
    # Compose hands the file itself to a container, whose account is another one than ours.
    chmod 444 "$file"
done
