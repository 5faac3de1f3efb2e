// Command flux prints what Flux's kustomize-controller makes of a Kustomization: a folder's kustomization made or
// changed, built, and its variables put in, by the code that the controller runs.
//
//	flux ROOT FILE [FILE...]
//	flux values FILE [FILE...]
//
// ROOT is the top of the source, which is written to. The first FILE holds the Kustomization, and all of them the
// ConfigMaps and Secrets that are in the cluster. The controller does the same in kustomization_controller.go, `build`.
//
// The second form prints the values that helm-controller puts together for a HelmRelease, as JSON.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fluxcd/pkg/apis/meta"
	"github.com/fluxcd/pkg/chartutil"
	flux "github.com/fluxcd/pkg/kustomize"
	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// files is a cluster that has what some files hold, and answers nothing else.
type files struct {
	client.Client
	objects []unstructured.Unstructured
}

func (f files) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	kind := "ConfigMap"
	if _, ok := into.(*corev1.Secret); ok {
		kind = "Secret"
	}
	for _, object := range f.objects {
		if object.GetKind() == kind && object.GetName() == key.Name && object.GetNamespace() == key.Namespace {
			return runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, into)
		}
	}
	return apierrors.NewNotFound(schema.GroupResource{Resource: kind}, key.Name)
}

func read(path string) ([]unstructured.Unstructured, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var objects []unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		object := unstructured.Unstructured{}
		if err := decoder.Decode(&object.Object); errors.Is(err, io.EOF) {
			return objects, nil
		} else if err != nil {
			return nil, err
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}

func run(root string, paths []string) error {
	cluster := files{}
	var kustomization *unstructured.Unstructured
	for _, path := range paths {
		objects, err := read(path)
		if err != nil {
			return err
		}
		for _, object := range objects {
			if object.GetKind() == "Kustomization" && kustomization == nil {
				kustomization = object.DeepCopy()
			}
			cluster.objects = append(cluster.objects, object)
		}
	}
	if kustomization == nil {
		return errors.New("no Kustomization")
	}
	path, _, err := unstructured.NestedString(kustomization.Object, "spec", "path")
	if err != nil {
		return err
	}
	folder := filepath.Join(root, path)
	if _, err := flux.NewGenerator(root, *kustomization).WriteFile(folder); err != nil {
		return err
	}
	built, err := flux.SecureBuild(root, folder, false)
	if err != nil {
		return err
	}
	_, fills, _ := unstructured.NestedMap(kustomization.Object, "spec", "postBuild")
	strategy, _, _ := unstructured.NestedString(kustomization.Object, "spec", "postBuild", "substituteStrategy")
	for _, resource := range built.Resources() {
		if fills {
			made, err := flux.SubstituteVariables(context.Background(), cluster, *kustomization, resource,
				flux.SubstituteWithAlways(strategy == "Always"))
			if err != nil {
				return err
			}
			if made != nil {
				resource = made
			}
		}
		text, err := resource.AsYAML()
		if err != nil {
			return err
		}
		fmt.Printf("---\n%s", text)
	}
	return nil
}

func values(paths []string) error {
	cluster := files{}
	release := struct {
		Metadata struct{ Namespace string }
		Spec     struct {
			Values     map[string]any
			ValuesFrom []meta.ValuesReference
		}
	}{}
	for at, path := range paths {
		objects, err := read(path)
		if err != nil {
			return err
		}
		for _, object := range objects {
			if at == 0 && object.GetKind() == "HelmRelease" {
				text, err := object.MarshalJSON()
				if err != nil {
					return err
				}
				if err := json.Unmarshal(text, &release); err != nil {
					return err
				}
			}
			cluster.objects = append(cluster.objects, object)
		}
	}
	made, err := chartutil.ChartValuesFromReferences(context.Background(), logr.Discard(), cluster,
		release.Metadata.Namespace, release.Spec.Values, release.Spec.ValuesFrom...)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(made)
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == "values" {
		if err := values(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: flux ROOT FILE...")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
