#!/bin/sh
# Runs shards -> merge -> index on a Kubernetes cluster; run again, it goes on where it stopped.
set -eu

POLL_SECONDS=${POLL_SECONDS:-10}

usage() {
  cat <<'USAGE'
usage: run.sh [OPTIONS OF kubectl, such as --context=c --namespace=n]

Applies kustomization.yaml's volume and job atlas-shards, waits for it, applies job atlas-index, waits for it. The volume
must hold bundle/ and stories/ (loader.yaml). A job that still runs is waited for; one that has ended is begun anew and
runs only what is missing. Ends with 1 where a job fails.
USAGE
}

case ${1:-} in -h | --help)
  usage
  exit 0
  ;;
esac

here=$(dirname -- "$0")

# state_of JOB [options]: absent, running, Complete or Failed.
state_of() {
  conditions=$(kubectl get job "$@" --ignore-not-found \
    --output=jsonpath='{.metadata.name} {.status.conditions[?(@.status=="True")].type}') || return
  case "$conditions " in
  *' Complete '*) echo Complete ;;
  *' Failed '*) echo Failed ;;
  ' ') echo absent ;;
  *) echo running ;;
  esac
}

# run_job STEP [options]: the job atlas-STEP, from its beginning unless it is running.
run_job() {
  job=atlas-$1
  step=$1
  shift
  state=$(state_of "$job" "$@")
  case $state in Complete | Failed) kubectl delete job "$job" --cascade=foreground "$@" ;; esac
  [ "$state" = running ] || kubectl apply --kustomize="$here" --selector="app=atlas,step=$step" "$@"
  echo "waiting for job $job"
  state=running
  while [ "$state" = running ]; do
    sleep "$POLL_SECONDS"
    state=$(state_of "$job" "$@") || state=running # the cluster may be out of reach for a moment
  done
  echo "job $job: $state"
  if [ "$state" != Complete ]; then
    echo "run.sh: job $job is $state; see kubectl logs --selector=step=$step --prefix, mend it and run again" >&2
    exit 1
  fi
}

kubectl apply --kustomize="$here" --selector=app=atlas,step=volume "$@"
run_job shards "$@"
run_job index "$@"
