// Command engine syncs a folder of manifests as Argo CD's application controller does, with Argo CD's own sync engine,
// and prints each result as it changes: one line of JSON.
//
//	engine KUBECONFIG NAMESPACE FOLDER SECONDS
//
// Status 0: the sync succeeded; 1: it failed; 3: it has not ended in time.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/cache"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync/common"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/tracing"
	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// tracking is the annotation that marks what the application owns.
const tracking = "grayc.dev/tests-application"

type told struct {
	Phase   string `json:"phase,omitempty"`
	Kind    string `json:"kind,omitempty"`
	Name    string `json:"name,omitempty"`
	Status  string `json:"status,omitempty"`
	Hook    string `json:"hook,omitempty"`
	Message string `json:"message"`
}

func targets(folder string) ([]*unstructured.Unstructured, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var found []*unstructured.Unstructured
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		items, err := kube.SplitYAML(text)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			annotations := item.GetAnnotations()
			if annotations == nil {
				annotations = map[string]string{}
			}
			annotations[tracking] = "yes"
			item.SetAnnotations(annotations)
			found = append(found, item)
		}
	}
	return found, nil
}

func follow(config *rest.Config, namespace string, wanted []*unstructured.Unstructured, limit time.Duration) (common.OperationPhase, error) {
	quiet := logr.Discard()
	isOwned := func(object *unstructured.Unstructured, _ bool) (any, bool) {
		value := object.GetAnnotations()[tracking]
		return value, value != ""
	}
	cluster := cache.NewClusterCache(config, cache.SetNamespaces([]string{namespace}), cache.SetLogr(quiet),
		cache.SetPopulateResourceInfoHandler(isOwned))
	if err := cluster.EnsureSynced(); err != nil {
		return "", err
	}
	kubectl := &kube.KubectlCmd{Log: quiet, Tracer: tracing.NopTracer{}}
	allowed := func(*unstructured.Unstructured, *metav1.APIResource) error { return nil }
	lines := json.NewEncoder(os.Stdout)
	said := map[told]bool{}
	say := func(line told) error {
		if said[line] || line.Message == "" {
			return nil
		}
		said[line] = true
		return lines.Encode(line)
	}
	began, end := metav1.Now(), time.Now().Add(limit)
	var phase common.OperationPhase
	var message string
	var results []common.ResourceSyncResult
	// Each pass looks at the cluster anew and does one step, as the controller does at each refresh.
	for time.Now().Before(end) {
		live, err := cluster.GetManagedLiveObjs(wanted, func(resource *cache.Resource) bool { return resource.Info == "yes" })
		if err != nil {
			return "", err
		}
		pass, done, err := sync.NewSyncContext("revision", sync.Reconcile(wanted, live, namespace, cluster), config, config,
			kubectl, namespace, sync.WithLogr(quiet), sync.WithPermissionValidator(allowed),
			sync.WithOperationSettings(false, true, false, false),
			sync.WithInitialState(phase, message, results, began))
		if err != nil {
			return "", err
		}
		pass.Sync()
		phase, message, results = pass.GetState()
		done()
		for _, each := range results {
			line := told{Phase: string(each.SyncPhase), Kind: each.ResourceKey.Kind, Name: each.ResourceKey.Name,
				Status: string(each.Status), Hook: string(each.HookPhase), Message: each.Message}
			if err := say(line); err != nil {
				return "", err
			}
		}
		if err := say(told{Status: string(phase), Message: message}); err != nil {
			return "", err
		}
		if phase.Completed() {
			return phase, nil
		}
		time.Sleep(500 * time.Millisecond)
	}
	return phase, nil
}

func run(kubeconfig, namespace, folder, seconds string) (int, error) {
	limit, err := strconv.Atoi(seconds)
	if err != nil {
		return 2, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return 2, err
	}
	config.QPS, config.Burst = 200, 400
	wanted, err := targets(folder)
	if err != nil {
		return 2, err
	}
	phase, err := follow(config, namespace, wanted, time.Duration(limit)*time.Second)
	switch {
	case err != nil:
		return 2, err
	case phase.Successful():
		return 0, nil
	case phase.Completed():
		return 1, nil
	default:
		return 3, nil
	}
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "engine KUBECONFIG NAMESPACE FOLDER SECONDS")
		os.Exit(2)
	}
	status, err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}
