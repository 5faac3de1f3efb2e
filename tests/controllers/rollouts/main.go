// Argo Rollouts' own controller runs one Rollout among a set of manifests, twice: as it is created, and with a new image.
//
// Each line on standard input is one case in JSON, each line on standard output what the controller did; `id` ties them
// together. The program ends with its input.
//
// Real is the whole controller: validation, the resolver of `workloadRef`, Services, ReplicaSets and all traffic routers.
// Stood in for are the API server, by the clients' own fakes, and the ReplicaSet controller: every pod is ready at once.
// Only the Rollout that is asked for is known to the controller.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"time"

	"github.com/argoproj/argo-rollouts/controller/metrics"
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	rolloutfake "github.com/argoproj/argo-rollouts/pkg/client/clientset/versioned/fake"
	rolloutinformers "github.com/argoproj/argo-rollouts/pkg/client/informers/externalversions"
	"github.com/argoproj/argo-rollouts/rollout"
	ingressutil "github.com/argoproj/argo-rollouts/utils/ingress"
	istioutil "github.com/argoproj/argo-rollouts/utils/istio"
	"github.com/argoproj/argo-rollouts/utils/record"
	"github.com/go-logr/logr"
	smifake "github.com/servicemeshinterface/smi-sdk-go/pkg/gen/client/split/clientset/versioned/fake"
	"github.com/sirupsen/logrus"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	discoveryfake "k8s.io/client-go/discovery/fake"
	"k8s.io/client-go/dynamic/dynamicinformer"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	kubeinformers "k8s.io/client-go/informers"
	kubefake "k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

const (
	patience = 10 * time.Second
	calm     = 700 * time.Millisecond
)

type testCase struct {
	ID        int    `json:"id"`
	Manifests string `json:"manifests"`
	Namespace string `json:"namespace"`
	Rollout   string `json:"rollout"`
}

type made struct {
	ID int `json:"id"`
	// Refused is why the controller takes the Rollout not.
	Refused string `json:"refused,omitempty"`
	Error   string `json:"error,omitempty"`
	// Phases are those that the Rollout came to: created, and with a new image.
	Phases []string `json:"phases"`
	// Changed are the objects that are not as they were given, or that were not there, as Kind/name.
	Changed []string `json:"changed"`
}

// The routers' objects that stand in no typed client.
var routed = map[string]schema.GroupVersionResource{
	"VirtualService":  istioutil.GetIstioVirtualServiceGVR(),
	"DestinationRule": istioutil.GetIstioDestinationRuleGVR(),
	"TraefikService":  {Group: "traefik.io", Version: "v1alpha1", Resource: "traefikservices"},
	"ApisixRoute":     {Group: "apisix.apache.org", Version: "v2", Resource: "apisixroutes"},
	"Mapping":         {Group: "getambassador.io", Version: "v2", Resource: "mappings"},
}

var deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}

func main() {
	logrus.SetOutput(io.Discard)
	klog.SetLogger(logr.Discard())
	encoder := json.NewEncoder(os.Stdout)
	reader := bufio.NewReader(os.Stdin)
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 1 {
			var asked testCase
			if wrong := json.Unmarshal(line, &asked); wrong != nil {
				fmt.Fprintln(os.Stderr, wrong)
				os.Exit(1)
			}
			found, wrong := answer(asked)
			found.ID = asked.ID
			if wrong != nil {
				found.Error = wrong.Error()
			}
			if wrong := encoder.Encode(found); wrong != nil {
				os.Exit(1)
			}
		}
		if err != nil {
			return
		}
	}
}

type cluster struct {
	kube     *kubefake.Clientset
	rollouts *rolloutfake.Clientset
	dynamic  *dynamicfake.FakeDynamicClient
}

func answer(asked testCase) (found made, err error) {
	world, err := load(asked)
	if err != nil {
		return found, err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	before, err := world.objects(ctx, asked)
	if err != nil {
		return found, err
	}
	start(ctx, world)
	hash := ""
	for revision := 1; revision <= 2; revision++ {
		if revision == 2 {
			if err := world.release(ctx, asked); err != nil {
				return found, err
			}
		}
		ro, err := world.settled(ctx, asked, revision, hash)
		if err != nil {
			return found, err
		}
		hash = ro.Status.CurrentPodHash
		found.Phases = append(found.Phases, string(ro.Status.Phase))
		for _, condition := range ro.Status.Conditions {
			if condition.Type == v1alpha1.InvalidSpec {
				found.Refused = condition.Message
			}
		}
	}
	after, err := world.objects(ctx, asked)
	if err != nil {
		return found, err
	}
	for name, text := range after {
		if before[name] != text {
			found.Changed = append(found.Changed, name)
		}
	}
	sort.Strings(found.Changed)
	return found, nil
}

func load(asked testCase) (cluster, error) {
	var kube, rollouts, others []runtime.Object
	documents := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader([]byte(asked.Manifests)), 4096)
	for {
		each := &unstructured.Unstructured{}
		if err := documents.Decode(&each.Object); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return cluster{}, err
		}
		if each.Object == nil {
			continue
		}
		if each.GetKind() == "ClusterAnalysisTemplate" {
			each.SetNamespace("")
		} else if each.GetNamespace() == "" {
			each.SetNamespace(asked.Namespace)
		}
		typed := func(into runtime.Object) runtime.Object {
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(each.Object, into); err != nil {
				panic(err)
			}
			return into
		}
		each.SetGeneration(1)
		each.SetUID(types.UID(each.GetKind() + "/" + each.GetName()))
		switch each.GroupVersionKind().GroupKind() {
		case schema.GroupKind{Kind: "Service"}:
			kube = append(kube, typed(&corev1.Service{}))
		case schema.GroupKind{Group: "networking.k8s.io", Kind: "Ingress"}:
			kube = append(kube, typed(&networkingv1.Ingress{}))
		case schema.GroupKind{Group: "apps", Kind: "Deployment"}:
			kube = append(kube, typed(&appsv1.Deployment{}))
			others = append(others, each)
		case schema.GroupKind{Group: "argoproj.io", Kind: "Rollout"}:
			if each.GetName() == asked.Rollout {
				rollouts = append(rollouts, typed(&v1alpha1.Rollout{}))
			}
		case schema.GroupKind{Group: "argoproj.io", Kind: "AnalysisTemplate"}:
			rollouts = append(rollouts, typed(&v1alpha1.AnalysisTemplate{}))
		case schema.GroupKind{Group: "argoproj.io", Kind: "ClusterAnalysisTemplate"}:
			rollouts = append(rollouts, typed(&v1alpha1.ClusterAnalysisTemplate{}))
		default:
			if resource, known := routed[each.GetKind()]; known && resource.Group == each.GroupVersionKind().Group {
				each.SetAPIVersion(resource.GroupVersion().String())
				others = append(others, each)
			}
		}
	}
	lists := map[schema.GroupVersionResource]string{
		deployments: "DeploymentList",
		{Group: "elbv2.k8s.aws", Version: "v1beta1", Resource: "targetgroupbindings"}: "TargetGroupBindingList",
	}
	for kind, resource := range routed {
		lists[resource] = kind + "List"
	}
	world := cluster{
		kube:     kubefake.NewSimpleClientset(kube...),
		rollouts: rolloutfake.NewSimpleClientset(rollouts...),
		dynamic:  dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), lists, others...),
	}
	// ReplicaSets are told apart by what a server gives them.
	world.kube.PrependReactor("create", "replicasets", func(action clienttesting.Action) (bool, runtime.Object, error) {
		set := action.(clienttesting.CreateAction).GetObject().(*appsv1.ReplicaSet)
		set.UID = types.UID(set.Name)
		return false, nil, nil
	})
	world.kube.Resources = []*metav1.APIResourceList{{
		GroupVersion: "apps/v1", APIResources: []metav1.APIResource{{Name: "deployments", Kind: "Deployment", Namespaced: true}},
	}}
	return world, nil
}

func start(ctx context.Context, world cluster) {
	own := rolloutinformers.NewSharedInformerFactory(world.rollouts, 0)
	kube := kubeinformers.NewSharedInformerFactory(world.kube, 0)
	other := dynamicinformer.NewDynamicSharedInformerFactory(world.dynamic, 0)
	virtualServices := other.ForResource(istioutil.GetIstioVirtualServiceGVR()).Informer()
	destinationRules := other.ForResource(istioutil.GetIstioDestinationRuleGVR()).Informer()
	ingresses, err := ingressutil.NewIngressWrapper(ingressutil.IngressModeNetworking, world.kube, kube)
	if err != nil {
		panic(err)
	}
	queue := func(name string) workqueue.RateLimitingInterface {
		limits := workqueue.NewItemExponentialFailureRateLimiter(time.Millisecond, 50*time.Millisecond)
		return workqueue.NewNamedRateLimitingQueue(limits, name)
	}
	discovery := world.kube.Discovery().(*discoveryfake.FakeDiscovery)
	api := own.Argoproj().V1alpha1()
	controller := rollout.NewController(rollout.ControllerConfig{
		Namespace:                       metav1.NamespaceAll,
		KubeClientSet:                   world.kube,
		ArgoProjClientset:               world.rollouts,
		DynamicClientSet:                world.dynamic,
		SmiClientSet:                    smifake.NewSimpleClientset(),
		RefResolver:                     rollout.NewInformerBasedWorkloadRefResolver(metav1.NamespaceAll, world.dynamic, discovery, world.rollouts, api.Rollouts().Informer()),
		ExperimentInformer:              api.Experiments(),
		AnalysisRunInformer:             api.AnalysisRuns(),
		AnalysisTemplateInformer:        api.AnalysisTemplates(),
		ClusterAnalysisTemplateInformer: api.ClusterAnalysisTemplates(),
		RolloutsInformer:                mixedInformer{api.Rollouts().Informer()},
		ReplicaSetInformer:              kube.Apps().V1().ReplicaSets(),
		ServicesInformer:                kube.Core().V1().Services(),
		IngressWrapper:                  ingresses,
		IstioPrimaryDynamicClient:       world.dynamic,
		IstioVirtualServiceInformer:     virtualServices,
		IstioDestinationRuleInformer:    destinationRules,
		ResyncPeriod:                    0,
		RolloutWorkQueue:                queue("Rollouts"),
		ServiceWorkQueue:                queue("Services"),
		IngressWorkQueue:                queue("Ingresses"),
		MetricsServer:                   metrics.NewMetricsServer(metrics.ServerConfig{K8SRequestProvider: &metrics.K8sRequestsCountProvider{}}),
		Recorder:                        record.NewFakeEventRecorder(),
	})
	synced := []cache.InformerSynced{
		api.Rollouts().Informer().HasSynced, api.Experiments().Informer().HasSynced, api.AnalysisRuns().Informer().HasSynced,
		api.AnalysisTemplates().Informer().HasSynced, api.ClusterAnalysisTemplates().Informer().HasSynced,
		kube.Apps().V1().ReplicaSets().Informer().HasSynced, kube.Core().V1().Services().Informer().HasSynced,
		ingresses.Informer().HasSynced, virtualServices.HasSynced, destinationRules.HasSynced,
	}
	own.Start(ctx.Done())
	kube.Start(ctx.Done())
	other.Start(ctx.Done())
	cache.WaitForCacheSync(ctx.Done(), synced...)
	go makeReady(ctx, world)
	go func() { _ = controller.Run(ctx, 1) }()
}

// makeReady does what the ReplicaSet controller and the kubelets do.
func makeReady(ctx context.Context, world cluster) {
	for version := 1; ctx.Err() == nil; version++ {
		sets, err := world.kube.AppsV1().ReplicaSets(metav1.NamespaceAll).List(ctx, metav1.ListOptions{})
		if err == nil {
			for _, set := range sets.Items {
				wanted := int32(1)
				if set.Spec.Replicas != nil {
					wanted = *set.Spec.Replicas
				}
				if set.Status.AvailableReplicas != wanted || set.Status.Replicas != wanted {
					set.Status = appsv1.ReplicaSetStatus{
						Replicas: wanted, FullyLabeledReplicas: wanted, ReadyReplicas: wanted, AvailableReplicas: wanted,
						ObservedGeneration: set.Generation,
					}
					// The controller looks at changes of the version only, and the fake server counts none.
					set.ResourceVersion = fmt.Sprint(version)
					_, _ = world.kube.AppsV1().ReplicaSets(set.Namespace).UpdateStatus(ctx, &set, metav1.UpdateOptions{})
				}
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// settled waits until the controller has nothing more to do with a revision: nothing changes for some time.
func (world cluster) settled(ctx context.Context, asked testCase, revision int, before string) (*v1alpha1.Rollout, error) {
	deadline := time.Now().Add(patience)
	seen, since := "", time.Now()
	for {
		ro, err := world.rollouts.ArgoprojV1alpha1().Rollouts(asked.Namespace).Get(ctx, asked.Rollout, metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		objects, err := world.objects(ctx, asked)
		if err != nil {
			return nil, err
		}
		status, err := json.Marshal(ro.Status)
		if err != nil {
			return nil, err
		}
		now := fmt.Sprint(string(status), objects)
		if now != seen {
			seen, since = now, time.Now()
		}
		isNew := ro.Status.CurrentPodHash != before || ro.Spec.WorkloadRef != nil || before == ""
		isSeen := isNew && ro.Status.ObservedGeneration == fmt.Sprint(revision)
		if isSeen && time.Since(since) > calm || time.Now().After(deadline) {
			return ro, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// release gives the Rollout's pods a new image, as the next build of a lane does.
func (world cluster) release(ctx context.Context, asked testCase) error {
	rollouts := world.rollouts.ArgoprojV1alpha1().Rollouts(asked.Namespace)
	ro, err := rollouts.Get(ctx, asked.Rollout, metav1.GetOptions{})
	if err != nil {
		return err
	}
	ro.Generation = 2
	if ro.Spec.WorkloadRef == nil {
		for at := range ro.Spec.Template.Spec.Containers {
			ro.Spec.Template.Spec.Containers[at].Image += "-next"
		}
	}
	_, err = rollouts.Update(ctx, ro, metav1.UpdateOptions{})
	return err
}

// objects returns every object as JSON, but for the Rollout that runs and what it makes for its own pods.
func (world cluster) objects(ctx context.Context, asked testCase) (map[string]string, error) {
	found := map[string]string{}
	add := func(kind, name string, value any) {
		text, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		found[kind+"/"+name] = string(text)
	}
	all := metav1.ListOptions{}
	services, err := world.kube.CoreV1().Services(asked.Namespace).List(ctx, all)
	if err != nil {
		return nil, err
	}
	for _, each := range services.Items {
		add("Service", each.Name, each)
	}
	ingresses, err := world.kube.NetworkingV1().Ingresses(asked.Namespace).List(ctx, all)
	if err != nil {
		return nil, err
	}
	for _, each := range ingresses.Items {
		add("Ingress", each.Name, each)
	}
	workloads, err := world.kube.AppsV1().Deployments(asked.Namespace).List(ctx, all)
	if err != nil {
		return nil, err
	}
	for _, each := range workloads.Items {
		add("Deployment", each.Name, each)
	}
	for kind, resource := range routed {
		items, err := world.dynamic.Resource(resource).Namespace(asked.Namespace).List(ctx, all)
		if err != nil {
			return nil, err
		}
		for _, each := range items.Items {
			add(kind, each.GetName(), each.Object)
		}
	}
	return found, nil
}
