#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Makes a Docker engine answer, and stops it again if this script started it.
#
#   tools/docker_engine.sh start STATE_DIR     installs and starts an engine if none answers
#   tools/docker_engine.sh stop STATE_DIR      stops the engine that "start" started, and no other
#   tools/docker_engine.sh status STATE_DIR    says which engine answers; fails if none does
#
# STATE_DIR takes the engine's log and the record that we started it. DOCKERD_FLAGS adds flags.
set -euo pipefail

if (($# != 2)) || [[ ! $1 =~ ^(start|stop|status)$ ]]; then
    printf 'usage: %s start|stop|status STATE_DIR\n' "$0" >&2
    exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$2"
state=$(cd "$2" && pwd)
readonly log=$state/dockerd.log
# What we started: the process's number and its start time, since numbers are used again.
readonly record=$state/dockerd.started
readonly engine_pid=/var/run/docker.pid
readonly socket=/var/run/docker.sock
readonly start_timeout=60

answers() { docker version --format '{{.Server.Version}}' 2>/dev/null; }

# started_at PID: the start time of a running process (field 22 of its stat, counted after the name).
# A process that ended but that nobody waited for counts as gone: not every container's init does.
started_at() {
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" { print $20; found = 1 } END { exit !found }'
}

# ours: prints the process number of the engine we started, if it still runs.
ours() {
    local pid started
    [[ -f $record ]] && read -r pid started <"$record" && [[ $(started_at "$pid") == "$started" ]] &&
        printf '%s\n' "$pid"
}

fail() {
    printf 'docker engine: %s\n' "$*" >&2
    exit 1
}

fail_with_log() {
    if [[ -s $log ]]; then
        printf 'The last lines of %s:\n' "$log" >&2
        tail -n 20 "$log" >&2
    fi
    fail "$@"
}

start() {
    local pid
    if answered; then
        return
    fi
    if [[ -n ${DOCKER_HOST:-} ]]; then
        fail "DOCKER_HOST=$DOCKER_HOST is set, but no engine answers there. Fix: start it, or unset DOCKER_HOST."
    fi
    ((EUID == 0)) || fail "none answers, and only root can start one. Fix: run as root: ${0@Q} start ${state@Q}" \
        "(if one runs, add your user to the group docker)"
    # Two runs at once must not start two.
    exec 9>"$state/dockerd.lock"
    flock 9
    if ! command -v dockerd >/dev/null || ! command -v iptables >/dev/null; then
        "$here/apt_packages.sh" docker.io iptables 9>&-
    fi
    # Installing may have started it, and so may have the run that we waited for.
    if answered; then
        return
    fi

    # A service manager that runs is the right one to ask: it also starts the engine after a boot.
    if [[ -d /run/systemd/system ]]; then
        systemctl start docker || fail 'systemctl could not start it. Hint: journalctl -u docker says why'
        wait_for_answer true
        return
    fi

    # Left by an engine that was killed, this file would keep a new one from starting.
    if pid=$(cat "$engine_pid" 2>/dev/null) && [[ $(cat "/proc/$pid/comm" 2>/dev/null) != dockerd ]]; then
        rm -f "$engine_pid"
    fi
    rm -f "$record"
    # Only the socket: an engine on a TCP port is root for everyone who reaches it. In a session of its
    # own and without our open files, so that it outlives this shell and holds no lock of a caller's.
    # shellcheck disable=SC2016,SC2086 # expanded by the inner shell; flags are several words
    setsid --fork bash -c '
        for fd in /proc/self/fd/*; do
            fd=${fd##*/}
            if ((fd > 2)); then eval "exec $fd>&-"; fi
        done
        started=$(sed "s/.*) //" "/proc/$$/stat" | cut -d " " -f 20)
        printf "%s %s\n" "$$" "$started" >"$1.new"
        mv "$1.new" "$1"
        shift
        exec "$@"
    ' bash "$record" dockerd --host "unix://$socket" ${DOCKERD_FLAGS:-} </dev/null >"$log" 2>&1 9>&-
    wait_for_answer engine_lives
}

# answered: says so if an engine answers.
answered() {
    local version
    version=$(answers) && printf 'docker engine: %s answers\n' "$version"
}

# Our engine lives, or is so young that its record is not written yet.
engine_lives() { [[ ! -f $record ]] || ours >/dev/null; }

# wait_for_answer ALIVE: ALIVE is a command that fails once waiting has become pointless.
wait_for_answer() {
    local from=$SECONDS next=5
    until answered; do
        "$1" || fail_with_log 'it ended while starting'
        ((SECONDS - from < start_timeout)) || fail_with_log "it did not answer within $start_timeout s"
        if ((SECONDS - from >= next)); then
            printf 'docker engine: waiting, %d of at most %d s\n' "$next" "$start_timeout"
            next=$((next + 5))
        fi
        sleep 0.2
    done
}

stop() {
    local pid waited=0
    if ! pid=$(ours); then
        rm -f "$record"
        printf 'docker engine: none of ours is running, nothing to stop\n'
        return
    fi
    # It stops its containers first and gives each of them 10 s.
    kill -TERM "$pid"
    while ours >/dev/null; do
        ((waited < start_timeout * 5)) || fail_with_log "process $pid did not end within $start_timeout s"
        sleep 0.2
        waited=$((waited + 1))
    done
    rm -f "$record"
    printf 'docker engine: stopped\n'
}

status() {
    local version
    version=$(answers) || fail "none answers. Hint: docker info says why"
    if ours >/dev/null; then
        printf 'docker engine: %s answers, started by us\n' "$version"
    else
        printf 'docker engine: %s answers, not started by us\n' "$version"
    fi
}

"$1"
