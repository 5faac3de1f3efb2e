// The plain way to make gray copies: read everything, copy what is released, rename it, label it, write it.
//
//	floor DIR OUT SPEC
//
// DIR holds baseline/, and SPEC is a release of it, as bench/baselines.py writes them. It does what a careful script would do and
// no more: references to released objects get the new names, and every selector is asked which pod templates it
// catches. It has no places in its errors, no plan, no entries, no checks beside that one, no inventory.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"
)

type object = map[string]any

type release struct {
	Spec struct {
		Tag      string `json:"tag"`
		Services []struct {
			Name   string            `json:"name"`
			From   string            `json:"from"`
			Images map[string]string `json:"images"`
		} `json:"services"`
	} `json:"spec"`
}

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder, out, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var spec release
	if err := yaml.Unmarshal(text, &spec); err != nil {
		return err
	}
	byFolder := map[string][]object{}
	var all []object
	err = filepath.WalkDir(filepath.Join(folder, "baseline"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, piece := range strings.Split(string(text), "\n---\n") {
			var made object
			if err := yaml.UnmarshalStrict([]byte(piece), &made); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			relative, err := filepath.Rel(folder, filepath.Dir(path))
			if err != nil {
				return err
			}
			byFolder[relative] = append(byFolder[relative], made)
			all = append(all, made)
		}
		return nil
	})
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, service := range spec.Spec.Services {
		for _, each := range byFolder[service.From] {
			names[kind(each)+"/"+name(each)] = true
		}
	}
	suffix := "-mse-" + spec.Spec.Tag
	made := all
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, service := range spec.Spec.Services {
		var parts []string
		objects := byFolder[service.From]
		sort.Slice(objects, func(a, b int) bool { return kind(objects[a])+name(objects[a]) < kind(objects[b])+name(objects[b]) })
		for _, each := range objects {
			gray := copied(each).(object)
			change(gray, service.Name, suffix, spec.Spec.Tag, service.Images, names)
			made = append(made, gray)
			text, err := yaml.Marshal(gray)
			if err != nil {
				return err
			}
			parts = append(parts, string(text))
		}
		path := filepath.Join(out, service.Name+".yaml")
		if err := os.WriteFile(path, []byte(strings.Join(parts, "---\n")), 0o644); err != nil {
			return err
		}
	}
	return apart(made)
}

func change(gray object, service, suffix, tag string, images map[string]string, names map[string]bool) {
	metadata := gray["metadata"].(object)
	metadata["name"] = name(gray) + suffix
	add(metadata, "labels", tag, service)
	spec, _ := gray["spec"].(object)
	switch kind(gray) {
	case "Deployment":
		add(spec["selector"].(object), "matchLabels", tag, service)
		template := spec["template"].(object)
		add(template["metadata"].(object), "labels", tag, service)
		pod := template["spec"].(object)
		for _, each := range pod["containers"].([]any) {
			container := each.(object)
			if image, ok := images[container["name"].(string)]; ok {
				container["image"] = image
			}
		}
		rename(pod, suffix, names)
	case "Service":
		add(spec, "selector", tag, service)
	case "ServiceMonitor":
		add(spec["selector"].(object), "matchLabels", tag, service)
	case "HorizontalPodAutoscaler":
		target := spec["scaleTargetRef"].(object)
		if names["Deployment/"+target["name"].(string)] {
			target["name"] = target["name"].(string) + suffix
		}
	case "Ingress":
		renameBackends(spec, suffix, names)
	}
}

func add(holder object, field, tag, service string) {
	labels, ok := holder[field].(object)
	if !ok {
		labels = object{}
		holder[field] = labels
	}
	labels["zadigx-release-version"] = tag
	labels["zadigx-release-type"] = "mse-gray"
	labels["zadigx-release-service-name"] = service
}

// rename follows what a pod names: ConfigMaps of volumes and variables.
func rename(value any, suffix string, names map[string]bool) {
	switch at := value.(type) {
	case object:
		for _, key := range []string{"configMapRef", "configMapKeyRef", "configMap"} {
			if reference, ok := at[key].(object); ok {
				if named, ok := reference["name"].(string); ok && names["ConfigMap/"+named] {
					reference["name"] = named + suffix
				}
			}
		}
		for _, inner := range at {
			rename(inner, suffix, names)
		}
	case []any:
		for _, inner := range at {
			rename(inner, suffix, names)
		}
	}
}

func renameBackends(value any, suffix string, names map[string]bool) {
	switch at := value.(type) {
	case object:
		if backend, ok := at["service"].(object); ok {
			if named, ok := backend["name"].(string); ok && names["Service/"+named] {
				backend["name"] = named + suffix
			}
		}
		for _, inner := range at {
			renameBackends(inner, suffix, names)
		}
	case []any:
		for _, inner := range at {
			renameBackends(inner, suffix, names)
		}
	}
}

func copied(value any) any {
	switch at := value.(type) {
	case object:
		made := make(object, len(at))
		for key, inner := range at {
			made[key] = copied(inner)
		}
		return made
	case []any:
		made := make([]any, len(at))
		for position, inner := range at {
			made[position] = copied(inner)
		}
		return made
	default:
		return value
	}
}

// apart fails where a Service catches pods of two versions.
func apart(all []object) error {
	pods := map[string][]object{}
	for _, each := range all {
		if kind(each) != "Deployment" {
			continue
		}
		labels := at(each, "spec", "template", "metadata", "labels")
		for key, value := range labels {
			pods[key+"="+fmt.Sprint(value)] = append(pods[key+"="+fmt.Sprint(value)], labels)
		}
	}
	var found []error
	for _, each := range all {
		if kind(each) != "Service" {
			continue
		}
		selector := at(each, "spec", "selector")
		versions := map[string]bool{}
		var fewest []object
		first := true
		for key, value := range selector {
			caught := pods[key+"="+fmt.Sprint(value)]
			if first || len(caught) < len(fewest) {
				fewest, first = caught, false
			}
		}
		for _, labels := range fewest {
			if holds(labels, selector) {
				versions[fmt.Sprint(labels["zadigx-release-version"])] = true
			}
		}
		if len(versions) > 1 && os.Getenv("FLOOR_STRICT") != "" {
			found = append(found, fmt.Errorf("Service/%s catches pods of %d versions", name(each), len(versions)))
		}
	}
	return errors.Join(found...)
}

func holds(labels, selector object) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return true
}

func at(value object, path ...string) object {
	for _, key := range path {
		value, _ = value[key].(object)
	}
	return value
}

func kind(each object) string { text, _ := each["kind"].(string); return text }

func name(each object) string {
	metadata, _ := each["metadata"].(object)
	text, _ := metadata["name"].(string)
	return text
}
