#!/bin/sh
# Brings a bare machine to where the rest can run; quick when nothing is missing.
#   setup.sh python   the virtual environment with the locked packages
#   setup.sh stack    and Java, Kafka's jars, mongod
#   setup.sh test     and a browser, where one can be had
set -eu
cd "$(dirname "$0")/../.."
level=${1:-stack}
PYTHON=${PYTHON:-python3}
log=.local/logs/setup.log
mkdir -p .local/logs
chmod 700 .local

say() { printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }
digest() { sha256sum "$1" | cut -d' ' -f1; }
same() { [ -f "$2" ] && [ "$(cat "$2")" = "$(digest "$1")" ]; }

# Run quietly; show what was said only when it fails.
quietly() {
    "$@" </dev/null >>"$log" 2>&1 || { say "failed: $*"; tail -n 20 "$log" >&2; return 1; }
}

# One set-up at a time: two at once would install into the same folder.
if have flock; then exec 9>.local/setup.lock; flock 9; fi

java_is_there() { have java && java -version 2>&1 | grep -qE 'version "(1[7-9]|[2-9][0-9])'; }
jars_are_there() { same deploy/local/pom.xml .local/kafka/libs/pom.sha256; }
venv_is_there() { [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1; }
venv_can_be_made() { "$PYTHON" -c 'import ensurepip' >/dev/null 2>&1; }

# The wheel's mongod needs it; nothing else on a bare machine does.
libcurl_is_there() { have mongod || ls /usr/lib/*/libcurl.so.4 /usr/lib*/libcurl.so.4 2>/dev/null | grep -q .; }
mongod_runs() {
    if have mongod; then return 0; fi
    .venv/lib/python3*/site-packages/fiftyone/db/bin/mongod --version >/dev/null 2>&1
}

install_packages() {
    if [ "$(id -u)" != 0 ] || ! have apt-get; then return 1; fi
    say "installing $* with apt-get"
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends "$@" </dev/null >>"$log" 2>&1 && return 0
    quietly apt-get update && quietly apt-get install -y --no-install-recommends "$@"
}

system_packages() {
    missing=
    if ! have "$PYTHON"; then missing="$missing python3 python3-venv"
    elif ! venv_is_there && ! venv_can_be_made; then missing="$missing python3-venv"; fi
    if [ "$level" != python ]; then
        java_is_there || missing="$missing default-jre-headless"
        jars_are_there || have mvn || missing="$missing maven"
        libcurl_is_there || missing="$missing libcurl4"
    fi
    # shellcheck disable=SC2086 # a list of words
    if [ -n "$missing" ] && ! install_packages $missing; then
        say "Install first, then run this again:  apt-get install$missing   (or use: docker compose up)"
        exit 1
    fi
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        say "Python 3.11 or later is needed: set PYTHON=python3.11, or install it"
        exit 1
    }
}

# uv, at the version of the lock, installs several times quicker than pip; where it does not get through, pip does.
installed() {
    awk '/^uv==/ { on = 1 } on { print } on && !/\\$/ { exit }' requirements.lock >.local/uv.lock
    .venv/bin/python -m pip install --disable-pip-version-check --require-hashes --no-deps -r .local/uv.lock \
        </dev/null >>"$log" 2>&1 || return 1
    .venv/bin/uv pip install --python .venv/bin/python --require-hashes --no-deps --compile-bytecode \
        -r requirements.lock </dev/null >>"$log" 2>&1
}

python_packages() {
    if ! venv_is_there; then
        say "making the virtual environment"
        quietly "$PYTHON" -m venv --clear .venv
    fi
    if ! same requirements.lock .venv/aurora-lock.sha256; then
        say "installing the locked packages (once)"
        installed || quietly .venv/bin/python -m pip install --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
        digest requirements.lock >.venv/aurora-lock.sha256
    fi
    if ! same pyproject.toml .venv/aurora-project.sha256; then
        quietly .venv/bin/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
        digest pyproject.toml >.venv/aurora-project.sha256
    fi
}

system_packages
# Maven waits for the network most of its time: the packages are installed meanwhile.
jars=
if [ "$level" != python ] && ! jars_are_there; then
    say "copying Kafka's jars with Maven, beside"
    "$PYTHON" -m deploy.local.jars </dev/null >>"$log" 2>&1 &
    jars=$!
fi
python_packages
if [ "$level" != python ] && ! mongod_runs; then
    say "the wheel's mongod does not run here: install MongoDB 6.0 or later, or use docker compose up"
    exit 1
fi
if [ -n "$jars" ] && ! wait "$jars"; then
    say "failed: Maven could not copy Kafka's jars"
    tail -n 20 "$log" >&2
    exit 1
fi
if [ "$level" = test ] && ! have chromium && ! have chromium-browser && ! have google-chrome; then
    install_packages chromium || say "no browser here and none could be installed: the browser test will say so"
fi
