"""The order of steps that has no outage, as a POSIX shell script of kubectl commands."""

import json

from grayc.adoption.plan import ORIGINAL, Adopted, AdoptionPlan, Group, Way
from grayc.diagnostics.shell import command, word
from grayc.diagnostics.visible import visible

_HEAD = """\
#!/bin/sh
# Gives what runs in a cluster the label `@LABEL@: @VALUE@` without an outage: workloads first, Services when the
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
"""

_BODY = r"""
set -eu

KUBECTL=${KUBECTL:-kubectl}
timeout=${GRAYC_TIMEOUT:-15m}
drain=${GRAYC_DRAIN:-30}
label='@LABEL@'
value='@VALUE@'

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
has_label() { [ "$(k get "$1/$2" -o "jsonpath={$3.@PATH@}")" = "$value" ]; }

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
"""


def render_script(plan: AdoptionPlan) -> str:
    """Return the script; running it where nothing is left to do changes nothing."""
    path = plan.label.replace(".", r"\.") if "." in plan.label else "$label"
    start = (_HEAD + _BODY).replace("@LABEL@", plan.label).replace("@VALUE@", ORIGINAL).replace("@PATH@", path)
    groups = [line for group in plan.groups for line in _group(group)]
    return "\n".join([start, *groups, 'say "done"', ""])


def _group(group: Group) -> list[str]:
    names = ", ".join(item.ref for item in (*group.workloads, *group.selecting))
    lines = [f"# {visible(f'{names} in {group.namespace}' if group.namespace else names)}"]
    by_hand = [item for item in group.workloads if item.way is Way.BY_HAND]
    if by_hand:
        # All of the group waits: what selects these pods must not change before they have.
        for item in by_hand:
            lines.append(_call("say", f"left to you, with all that selects its pods: {item.ref}: {item.by_hand}"))
        return [*lines, ""]
    lines += [f"namespace={word(group.namespace)}", "changed=no"]
    for item in group.workloads:
        lines += [_call(*words) for words in _scalers(group, item, is_start=True)]
        lines.append(_call(*_workload(item)))
    for item in group.selecting:
        name, patch = item.document.identity.name, _json(item.patch)
        if item.document.identity.kind == "Service":
            lines.append(_call("change_service", name, item.selector, patch))
        else:
            lines.append(_call("change", "poddisruptionbudgets.policy", name, ".spec.selector.matchLabels", patch))
    lines.append("let_drain")
    for item in group.workloads:
        if item.row is not None:
            lines.append(_call("remove_old", item.row.resource, item.document.identity.name, item.row.children))
        lines += [_call(*words) for words in _scalers(group, item, is_start=False)]
    return [*lines, ""]


def _workload(item: Adopted) -> tuple[str, ...]:
    """Return function and arguments of the step of one workload."""
    if item.row is None:
        raise ValueError(item.ref)
    resource, name = item.row.resource, item.document.identity.name
    match item.way:
        case Way.BESIDE:
            return ("beside", resource, name, item.row.children, _json(_anew(item)))
        case Way.REPLACE:
            return ("replace", resource, name, item.row.children, _json(_anew(item)))
        case Way.TAKE_OVER:
            return ("take_over", resource, name, item.selector, item.row.children, _json(_anew(item)))
        case Way.IN_PLACE:
            return ("in_place", resource, name, _template_of(item), _json(item.patch))
        case _:
            return ("pods_of", resource, name)


def _template_of(item: Adopted) -> str:
    """Return where an object that is changed in place has the labels of its pods."""
    inner = ".jobTemplate.spec" if item.document.identity.kind == "CronJob" else ""
    return f".spec{inner}.template.metadata.labels"


def _anew(item: Adopted) -> dict[str, object]:
    """Return the patch that makes an object to create of one that ran.

    `kubectl create` would note the whole object as what was applied last, and the next `kubectl apply` would then take
    `replicas` away from an object whose file leaves them to an autoscaler: so nothing is noted.
    """
    server = ("resourceVersion", "uid", "creationTimestamp", "generation", "managedFields", "selfLink")
    noted = {"kubectl.kubernetes.io/last-applied-configuration": None}
    return {**item.patch, "metadata": {**dict.fromkeys(server), "annotations": noted}, "status": None}


def _scalers(group: Group, item: Adopted, *, is_start: bool) -> list[tuple[str, ...]]:
    """Return what keeps scalers from changing the number of pods while two sets of them run."""
    if item.way is not Way.BESIDE or item.row is None:
        return []
    calls: list[tuple[str, ...]] = []
    for scaler in group.scalers.get((item.document.identity.kind, item.document.identity.name), ()):
        if scaler.identity.kind == "ScaledObject":
            calls.append(("pause_scaler" if is_start else "resume_scaler", scaler.identity.name))
        elif is_start:
            calls.append(("hold_scaler", scaler.identity.name, item.row.resource, item.document.identity.name))
        else:
            calls.append(("release_scaler", scaler.identity.name))
    return calls


def _call(*words: str) -> str:
    return command(*words)


def _json(data: object) -> str:
    return json.dumps(data, separators=(",", ":"))
