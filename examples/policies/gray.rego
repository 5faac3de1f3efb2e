# What a team may ask of its releases, over the JSON of `grayc plan` and `grayc diff`; docs/policies.md tells how to run it.
package main

# At most a fifth of the requests goes gray by chance, at every step.
deny contains message if {
	some plan in input.plans
	some place in places(plan)
	some rule in place.rules
	rule.weight > 20
	message := sprintf("release %s, %s: %d %% of the requests go gray, at most 20 %% may", [plan.release, place.name, rule.weight])
}

# Every lane has a last day.
deny contains message if {
	some plan in input.plans
	not is_string(plan.expires) # it is null
	message := sprintf("release %s has no last day: write `expires` in its spec", [plan.release])
}

# Whoever changes which requests go where has asked for a review: data.labels are those of the pull request.
deny contains message if {
	some difference in input.differences
	some object in difference.objects
	object.risk == "entry"
	not "entry-reviewed" in data.labels
	message := sprintf("%s/%s changes which requests go where: the pull request needs the label entry-reviewed", [object.kind, object.name])
}

# A release without steps is one place, one with steps is each of them.
places(plan) := [{"name": "the release", "rules": plan.rules}] if count(plan.steps) == 0

places(plan) := [{"name": sprintf("step %s", [step.name]), "rules": step.rules} | some step in plan.steps] if count(plan.steps) > 0
