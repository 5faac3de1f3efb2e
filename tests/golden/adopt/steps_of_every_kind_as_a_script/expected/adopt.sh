#!/bin/sh
# Gives what runs in a cluster the label `zadigx-release-version: original` without an outage: workloads first, Services when the
# pods that they will select are ready, old pods last. Written by `grayc adopt`.
#
#   sh THIS_FILE [kubectl's flags]      such as --context production -n shop
#
# What runs stays as it is but for the label: each object is taken from the cluster, not from a file. Stop what applies
# the manifests by itself (Argo CD's automatic sync, Flux) before, and start it again after. For a while twice as many
# pods run. The script stops at the first step that fails, with everything still serving; run it again to go on.
#
#   KUBECTL        how kubectl is called                                       {kubectl}
#   GRAYC_STATE    folder that keeps what a run which stopped needs to go on   {./grayc-adopt-state}
#   GRAYC_TIMEOUT  how long a rollout may take                                 {15m}
#   GRAYC_DRAIN    seconds between the last change of a Service and the end of the old pods   {30}

set -eu

KUBECTL=${KUBECTL:-kubectl}
timeout=${GRAYC_TIMEOUT:-15m}
drain=${GRAYC_DRAIN:-30}
label='zadigx-release-version'
value='original'

flags=
for flag do
  flags="$flags '$(printf '%s' "$flag" | sed "s/'/'\\\\''/g")'"
done

say() { printf '%s\n' "$*" >&2; }
fail() { say "stopped: $*"; exit 1; }
kube() { eval "$KUBECTL$flags \"\$@\""; }
# kubectl in the namespace of the group at hand; without one, in that of the flags.
k() { kube ${namespace:+"--namespace=$namespace"} "$@"; }

# One folder for each cluster and namespace, so that what one of them needs never reaches another.
server=$(kube config view --minify -o 'jsonpath={.clusters[0].cluster.server}/{.contexts[0].context.namespace}' || true)
state=${GRAYC_STATE:-grayc-adopt-state}/$(printf '%s' "$server$flags" | cksum | tr ' ' -)
mkdir -p -- "$state"

# of KIND NAME: the file that keeps something about an object; it lies in the folder, whatever the name.
of() { printf '%s/%s' "$state" "$(printf '%s' "$namespace.$1.$2" | tr / _)"; }

# KIND NAME: whether the object is there.
exists() { [ -n "$(k get "$1/$2" --ignore-not-found -o name)" ]; }

# KIND NAME PATH: whether the mapping at PATH of the object has the label.
has_label() { [ "$(k get "$1/$2" -o "jsonpath={$3.$label}")" = "$value" ]; }

# KIND UID: names of the objects that UID owns.
owned() {
  each='{{range .items}}{{$name := .metadata.name}}{{range .metadata.ownerReferences}}'
  k get "$1" -o go-template="$each"'{{if eq .uid "'"$2"'"}}{{println $name}}{{end}}{{end}}{{end}}'
}

# SELECTOR: names of the pods that nobody owns and that lack the label.
ownerless() {
  each='{{range .items}}{{if not .metadata.ownerReferences}}{{println .metadata.name}}{{end}}{{end}}'
  k get pods --selector="$1,!$label" -o go-template="$each"
}

# KIND FILE: give every object named in the file the label.
label_all() {
  while read -r item; do
    [ -z "$(k get "$1/$item" --ignore-not-found -o name </dev/null)" ] ||
      k label "$1/$item" "$label=$value" --overwrite </dev/null
  done < "$2"
}

# KIND NAME PATCH: keep the object as it runs, with the label, then take it away without its pods.
take_away() {
  saved=$(of "$1" "$2").json
  # An object that is going away was kept before, and says things by now that a new one must not say.
  if [ -z "$(k get "$1/$2" -o 'jsonpath={.metadata.deletionTimestamp}')" ]; then
    k get "$1/$2" -o json > "$saved.live"
    k patch --local --filename="$saved.live" --type=merge --patch="$3" -o json > "$saved.new"
    k create --dry-run=client --filename="$saved.new" >/dev/null
    mv -- "$saved.new" "$saved"
  fi
  k delete "$1/$2" --cascade=orphan --wait=true
}

# KIND NAME: create the object again.
create_again() {
  saved=$(of "$1" "$2").json
  [ -s "$saved" ] || fail "$1 $2 is not in the cluster: apply its file first, or check the namespace"
  k create --filename="$saved"
}

# KIND NAME: wait until all pods of the object are ready.
wait_ready() {
  case $1 in
  deployments.apps | daemonsets.apps)
    k rollout status "$1/$2" --timeout="$timeout" ;;
  statefulsets.apps)
    if [ "$(k get "$1/$2" -o 'jsonpath={.spec.updateStrategy.type}')" != OnDelete ]; then
      k rollout status "$1/$2" --timeout="$timeout"
    else
      say "$1 $2 replaces pods when they are deleted; the running ones carry the label"
    fi ;;
  *)
    wanted=$(k get "$1/$2" -o 'jsonpath={.spec.replicas}')
    [ "${wanted:-1}" = 0 ] ||
      k wait --for="jsonpath={.status.readyReplicas}=${wanted:-1}" "$1/$2" --timeout="$timeout" ;;
  esac
}

# KIND NAME CHILDREN PATCH: new pods beside the old ones, which `remove_old` removes.
beside() {
  if exists "$1" "$2" && ! has_label "$1" "$2" .spec.selector.matchLabels; then
    say "$1 $2: new pods beside the old ones"
    owned "$3" "$(k get "$1/$2" -o 'jsonpath={.metadata.uid}')" > "$(of "$1" "$2").old"
    take_away "$1" "$2" "$4"
  fi
  exists "$1" "$2" || create_again "$1" "$2"
  wait_ready "$1" "$2"
}

# KIND NAME CHILDREN PATCH: the new object takes the old ReplicaSets over and replaces their pods.
replace() {
  if exists "$1" "$2" && ! has_label "$1" "$2" .spec.selector.matchLabels; then
    say "$1 $2: replaces its pods as at every rollout"
    owned "$3" "$(k get "$1/$2" -o 'jsonpath={.metadata.uid}')" > "$(of "$1" "$2").taken"
    take_away "$1" "$2" "$4"
  fi
  if ! exists "$1" "$2"; then
    [ ! -f "$(of "$1" "$2").taken" ] || label_all "$3" "$(of "$1" "$2").taken"
    create_again "$1" "$2"
  fi
  wait_ready "$1" "$2"
}

# KIND NAME SELECTOR CHILDREN PATCH: the new object takes the labelled pods over.
take_over() {
  if exists "$1" "$2" && ! has_label "$1" "$2" .spec.selector.matchLabels; then
    say "$1 $2: its pods get the label, and the new one takes them over"
    [ "$(k get "$1/$2" -o 'jsonpath={.spec.persistentVolumeClaimRetentionPolicy.whenDeleted}')" != Delete ] ||
      fail "$1 $2 deletes its volumes with itself: set persistentVolumeClaimRetentionPolicy.whenDeleted to Retain first"
    uid=$(k get "$1/$2" -o 'jsonpath={.metadata.uid}')
    owned pods "$uid" > "$(of "$1" "$2").pods"
    label_all pods "$(of "$1" "$2").pods"
    if [ -n "$4" ]; then owned "$4" "$uid" > "$(of "$1" "$2").old"; fi
    take_away "$1" "$2" "$5"
  fi
  if ! exists "$1" "$2"; then
    # A pod that was started between the two lists.
    ownerless "$3" > "$(of "$1" "$2").pods"
    label_all pods "$(of "$1" "$2").pods"
    create_again "$1" "$2"
  fi
  wait_ready "$1" "$2"
}

# KIND NAME PATH PATCH: label the pods, then change the object.
in_place() {
  exists "$1" "$2" || fail "$1 $2 is not in the cluster: apply its file first, or check the namespace"
  pods_of "$1" "$2"
  has_label "$1" "$2" "$3" || k patch "$1/$2" --type=merge --patch="$4"
}

# KIND NAME: label the pods of an object, and those of its Jobs.
pods_of() {
  if [ "$1" = pods ]; then
    ! exists pods "$2" || k label "pods/$2" "$label=$value" --overwrite
    return
  fi
  exists "$1" "$2" || return 0
  uid=$(k get "$1/$2" -o 'jsonpath={.metadata.uid}')
  owned pods "$uid" > "$(of "$1" "$2").pods"
  if [ "$1" = cronjobs.batch ]; then
    owned jobs.batch "$uid" > "$(of "$1" "$2").jobs"
    while read -r job; do
      owned pods "$(k get "jobs.batch/$job" -o 'jsonpath={.metadata.uid}' </dev/null)" </dev/null
    done < "$(of "$1" "$2").jobs" >> "$(of "$1" "$2").pods"
  fi
  label_all pods "$(of "$1" "$2").pods"
}

# NAME KIND OBJECT: a HorizontalPodAutoscaler goes no lower than what runs now, until `release_scaler`.
hold_scaler() {
  if exists horizontalpodautoscalers.autoscaling "$1" && exists "$2" "$3" &&
    ! has_label "$2" "$3" .spec.selector.matchLabels; then
    kept=$(of horizontalpodautoscalers "$1")
    running=$(k get "$2/$3" -o 'jsonpath={.spec.replicas}')
    if [ ! -f "$kept" ] && [ "${running:-1}" -gt 0 ]; then
      k get "horizontalpodautoscalers.autoscaling/$1" -o 'jsonpath={.spec.minReplicas}' > "$kept.new"
      mv -- "$kept.new" "$kept"
      least=${running:-1}
      k patch "horizontalpodautoscalers.autoscaling/$1" --type=merge --patch="{\"spec\":{\"minReplicas\":$least}}"
    fi
  fi
}

# NAME: the HorizontalPodAutoscaler is what it was.
release_scaler() {
  kept=$(of horizontalpodautoscalers "$1")
  if [ -f "$kept" ]; then
    least=$(cat -- "$kept")
    k patch "horizontalpodautoscalers.autoscaling/$1" --type=merge --patch="{\"spec\":{\"minReplicas\":${least:-1}}}"
    rm -f -- "$kept"
  fi
}

# NAME: a ScaledObject stays where it is, until `resume_scaler`.
pause_scaler() {
  if exists scaledobjects.keda.sh "$1" && [ ! -f "$(of scaledobjects "$1")" ]; then
    : > "$(of scaledobjects "$1")"
    k annotate "scaledobjects.keda.sh/$1" autoscaling.keda.sh/paused=true --overwrite
  fi
}

resume_scaler() {
  if [ -f "$(of scaledobjects "$1")" ]; then
    k annotate "scaledobjects.keda.sh/$1" autoscaling.keda.sh/paused-
    rm -f -- "$(of scaledobjects "$1")"
  fi
}

# NAME SELECTOR PATCH: a Service selects pods with the label alone, once there are some.
change_service() {
  if ! has_label services "$1" .spec.selector; then
    if [ -n "$(k get pods --selector="$2" --field-selector=status.phase=Running -o name)" ]; then
      [ -n "$(k get pods --selector="$2,$label=$value" --field-selector=status.phase=Running -o name)" ] ||
        fail "no running pod that Service $1 would select has the label"
    fi
    k patch "services/$1" --type=merge --patch="$3"
    changed=yes
  fi
}

# KIND NAME PATH PATCH
change() { has_label "$1" "$2" "$3" || k patch "$1/$2" --type=merge --patch="$4"; }

# Let clients see the change before the old pods go.
let_drain() { if [ "$changed" = yes ]; then sleep "$drain"; fi; }

# KIND NAME CHILDREN: remove what the object before the new one left.
remove_old() {
  if [ -n "$3" ] && [ -f "$(of "$1" "$2").old" ]; then
    while read -r item; do
      k delete "$3/$item" --ignore-not-found --wait=false </dev/null
    done < "$(of "$1" "$2").old"
  fi
  # `.live` stays, for whoever wants to look at what ran before.
  for part in old taken pods jobs json; do rm -f -- "$(of "$1" "$2").$part"; done
}

# Deployment/web, Service/web in shop
namespace=shop
changed=no
hold_scaler web deployments.apps web
beside deployments.apps web replicasets.apps '{"spec":{"selector":{"matchLabels":{"zadigx-release-version":"original"}},"template":{"metadata":{"labels":{"zadigx-release-version":"original"}}}},"metadata":{"resourceVersion":null,"uid":null,"creationTimestamp":null,"generation":null,"managedFields":null,"selfLink":null,"annotations":{"kubectl.kubernetes.io/last-applied-configuration":null}},"status":null}'
change_service web app=web '{"spec":{"selector":{"zadigx-release-version":"original"}}}'
let_drain
remove_old deployments.apps web replicasets.apps
release_scaler web

# Deployment/one in shop
namespace=shop
changed=no
replace deployments.apps one replicasets.apps '{"spec":{"selector":{"matchLabels":{"zadigx-release-version":"original"}},"template":{"metadata":{"labels":{"zadigx-release-version":"original"}}}},"metadata":{"resourceVersion":null,"uid":null,"creationTimestamp":null,"generation":null,"managedFields":null,"selfLink":null,"annotations":{"kubectl.kubernetes.io/last-applied-configuration":null}},"status":null}'
let_drain
remove_old deployments.apps one replicasets.apps

# StatefulSet/db, Service/db in shop
namespace=shop
changed=no
take_over statefulsets.apps db app=db controllerrevisions.apps '{"spec":{"selector":{"matchLabels":{"zadigx-release-version":"original"}},"template":{"metadata":{"labels":{"zadigx-release-version":"original"}}}},"metadata":{"resourceVersion":null,"uid":null,"creationTimestamp":null,"generation":null,"managedFields":null,"selfLink":null,"annotations":{"kubectl.kubernetes.io/last-applied-configuration":null}},"status":null}'
change_service db app=db '{"spec":{"selector":{"zadigx-release-version":"original"}}}'
let_drain
remove_old statefulsets.apps db controllerrevisions.apps

# DaemonSet/agent in shop
namespace=shop
changed=no
take_over daemonsets.apps agent app=agent controllerrevisions.apps '{"spec":{"selector":{"matchLabels":{"zadigx-release-version":"original"}},"template":{"metadata":{"labels":{"zadigx-release-version":"original"}}}},"metadata":{"resourceVersion":null,"uid":null,"creationTimestamp":null,"generation":null,"managedFields":null,"selfLink":null,"annotations":{"kubectl.kubernetes.io/last-applied-configuration":null}},"status":null}'
let_drain
remove_old daemonsets.apps agent controllerrevisions.apps

# ReplicaSet/set in shop
namespace=shop
changed=no
take_over replicasets.apps set app=set '' '{"spec":{"selector":{"matchLabels":{"zadigx-release-version":"original"}},"template":{"metadata":{"labels":{"zadigx-release-version":"original"}}}},"metadata":{"resourceVersion":null,"uid":null,"creationTimestamp":null,"generation":null,"managedFields":null,"selfLink":null,"annotations":{"kubectl.kubernetes.io/last-applied-configuration":null}},"status":null}'
let_drain
remove_old replicasets.apps set ''

# ReplicationController/old, CronJob/tick, Service/old in shop
namespace=shop
changed=no
in_place replicationcontrollers old .spec.template.metadata.labels '{"spec":{"selector":{"zadigx-release-version":"original"},"template":{"metadata":{"labels":{"zadigx-release-version":"original"}}}}}'
in_place cronjobs.batch tick .spec.jobTemplate.spec.template.metadata.labels '{"spec":{"jobTemplate":{"spec":{"template":{"metadata":{"labels":{"zadigx-release-version":"original"}}}}}}}'
change_service old app=old '{"spec":{"selector":{"zadigx-release-version":"original"}}}'
let_drain
remove_old replicationcontrollers old ''
remove_old cronjobs.batch tick ''

# CloneSet/clone in shop
namespace=shop
changed=no
beside clonesets.apps.kruise.io clone pods '{"spec":{"selector":{"matchLabels":{"zadigx-release-version":"original"}},"template":{"metadata":{"labels":{"zadigx-release-version":"original"}}}},"metadata":{"resourceVersion":null,"uid":null,"creationTimestamp":null,"generation":null,"managedFields":null,"selfLink":null,"annotations":{"kubectl.kubernetes.io/last-applied-configuration":null}},"status":null}'
let_drain
remove_old clonesets.apps.kruise.io clone pods

# Rollout/roll, Service/roll in shop
say 'left to you, with all that selects its pods: Rollout/roll: its controller writes into the selectors of its Services, which must not change meanwhile'

say "done"
